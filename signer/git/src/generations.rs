//! A map that forgets: two generations, of which the older is dropped whole when the younger is full. What is used stays,
//! and memory is bounded without bookkeeping per use.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

/// Entries that weigh at most twice `limit` together, and one more.
pub(crate) struct Generations<K, V> {
    limit: usize,
    weight: usize,
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
}

impl<K: Eq + Hash + Copy, V: Clone> Generations<K, V> {
    /// An empty map of two generations that weigh `limit` each.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, weight: 0, young: HashMap::new(), old: HashMap::new() }
    }

    /// What is kept under `key`.
    pub(crate) fn find(&mut self, key: &K) -> Option<V> {
        if let Some((value, _)) = self.young.get(key) {
            return Some(value.clone());
        }
        let (value, weight) = self.old.remove(key)?;
        self.keep(*key, value.clone(), weight);
        Some(value)
    }

    /// Keeps `value` until two generations have passed without use.
    pub(crate) fn keep(&mut self, key: K, value: V, weight: usize) {
        if self.weight >= self.limit {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight = self.weight.saturating_add(weight);
        self.young.insert(key, (value, weight));
    }
}

/// Such a map for several threads. One that broke off leaves it forgetful, never wrong.
pub(crate) struct Shared<K, V>(Mutex<Generations<K, V>>);

impl<K: Eq + Hash + Copy, V: Clone> Shared<K, V> {
    /// An empty map of two generations that weigh `limit` each.
    pub(crate) fn new(limit: usize) -> Self {
        Self(Mutex::new(Generations::new(limit)))
    }

    /// What is kept under `key`.
    pub(crate) fn find(&self, key: &K) -> Option<V> {
        self.0.lock().ok()?.find(key)
    }

    /// Keeps `value` until two generations have passed without use.
    pub(crate) fn keep(&self, key: K, value: V, weight: usize) {
        if let Ok(mut map) = self.0.lock() {
            map.keep(key, value, weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Generations;

    #[test]
    fn forgets_what_is_not_used_and_keeps_what_is() {
        let mut map = Generations::new(2);
        map.keep(0, 'a', 1);
        for key in 1..20 {
            map.keep(key, 'x', 1);
            assert_eq!(map.find(&0), Some('a'));
        }
        assert_eq!(map.find(&1), None);
        assert!(map.young.len() + map.old.len() <= 4);
    }

    #[test]
    fn counts_weight_not_entries() {
        let mut map = Generations::new(10);
        for key in 0..20 {
            map.keep(key, 'x', 10);
        }
        assert_eq!(map.young.len() + map.old.len(), 2);
    }
}
