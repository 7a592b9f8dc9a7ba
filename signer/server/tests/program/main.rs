//! The program as people and scripts run it.

#[cfg(test)]
mod forks;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod logging;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod upstreams;
#[cfg(test)]
mod world;
