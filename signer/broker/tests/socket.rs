//! The broker's program: started on demand, one per home, out of reach of others.

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use signer_wire::home::Sources;
    use signer_wire::{Client, Home, socket};

    const BROKER: &str = env!("CARGO_BIN_EXE_chancery-broker");

    /// A home whose broker ends with the test.
    struct World {
        _folder: tempfile::TempDir,
        home: Home,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let flag = Some(folder.path().join("state"));
            let home = Home::resolve(Sources { flag, ..Sources::default() }).unwrap();
            Self { _folder: folder, home }
        }

        fn connect(&self) -> Client {
            Client::connect(&self.home).unwrap()
        }
    }

    impl Drop for World {
        fn drop(&mut self) {
            if let Ok(Some(mut broker)) = Client::attach(&self.home) {
                let _ended = broker.stop();
            }
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn eventually(what: impl Fn() -> bool) -> bool {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if what() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// Gone, or waiting for the parent to take notice.
    fn is_over(pid: u32) -> bool {
        fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
    }

    #[test]
    fn starts_on_demand_and_a_second_client_finds_the_same_one() {
        let world = World::new();
        let first = world.connect().ping().unwrap();
        assert_eq!(world.connect().ping().unwrap(), first);
        assert_ne!(first.pid, std::process::id());
    }

    #[test]
    fn the_socket_and_its_folder_are_this_users_alone() {
        let world = World::new();
        world.connect().ping().unwrap();
        assert_eq!(mode(world.home.path()), 0o700);
        assert_eq!(mode(&world.home.socket()), 0o600);
        assert_eq!(mode(&world.home.broker_log()), 0o600);
    }

    #[test]
    fn many_callers_at_once_start_one_broker() {
        let world = World::new();
        let ask = || world.connect().ping().unwrap().pid;
        let pids: Vec<u32> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
        // Those that came too late are gone, and do not wait for the end of the first to serve what is left of the home.
        assert_eq!(brokers(&world.home), [pids[0]]);
    }

    /// Every running broker of a home.
    fn brokers(home: &Home) -> Vec<u32> {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
        let named = |pid: &u32| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).split('\0').any(|word| Path::new(word) == home.path())
        };
        numbers.filter(named).collect()
    }

    #[test]
    fn callers_that_stay_connected_keep_nobody_waiting() {
        let world = World::new();
        let mut staying: Vec<Client> = (0..8).map(|_| world.connect()).collect();
        let broker = world.connect().ping().unwrap();
        assert!(staying.iter_mut().all(|caller| caller.ping().unwrap() == broker));
    }

    #[test]
    fn a_second_broker_of_a_home_ends_at_once() {
        let world = World::new();
        let first = world.connect().ping().unwrap();
        let second = Command::new(BROKER).args(["serve", "--home"]).arg(world.home.path()).status().unwrap();
        assert_eq!(second.code(), Some(0));
        assert_eq!(world.connect().ping().unwrap(), first);
    }

    #[test]
    fn a_socket_that_nobody_serves_is_replaced() {
        let world = World::new();
        world.home.ensure().unwrap();
        drop(socket::listen(&world.home.socket()).unwrap());
        world.connect().ping().unwrap();
    }

    #[test]
    fn stopping_removes_the_socket_and_the_next_client_starts_another() {
        let world = World::new();
        let first = world.connect().ping().unwrap();
        world.connect().stop().unwrap();
        assert!(eventually(|| !world.home.socket().exists()));
        assert_ne!(world.connect().ping().unwrap().pid, first.pid);
    }

    #[test]
    fn when_a_stop_is_answered_nothing_listens_any_more() {
        for _ in 0..20 {
            let world = World::new();
            let mut broker = world.connect();
            let pid = broker.ping().unwrap().pid;
            broker.stop().unwrap();
            assert!(!world.home.socket().exists());
            assert!(Client::attach(&world.home).unwrap().is_none());
            fs::remove_dir_all(world.home.path()).unwrap();
            assert!(eventually(|| is_over(pid)));
        }
    }

    #[test]
    fn callers_that_stop_it_at_once_end_it_together() {
        let world = World::new();
        let pid = world.connect().ping().unwrap().pid;
        let callers: Vec<Client> = (0..8).map(|_| world.connect()).collect();
        std::thread::scope(|scope| {
            for mut caller in callers {
                // Whoever comes after the last answer hears nothing.
                scope.spawn(move || caller.stop().ok());
            }
        });
        assert!(eventually(|| is_over(pid)));
    }

    #[test]
    fn a_broker_ends_even_where_its_home_was_removed_meanwhile() {
        let world = World::new();
        let mut broker = world.connect();
        let pid = broker.ping().unwrap().pid;
        fs::remove_dir_all(world.home.path()).unwrap();
        broker.stop().unwrap();
        assert!(eventually(|| is_over(pid)));
    }

    #[test]
    fn the_memory_of_the_broker_is_closed_to_its_own_user() {
        let world = World::new();
        let pid = world.connect().ping().unwrap().pid;
        // PR_SET_DUMPABLE 0 gives /proc/<pid> to root; a test that runs as root sees the owner, not the refusal.
        let owner = fs::metadata(format!("/proc/{pid}/environ")).unwrap().uid();
        assert_eq!(owner, 0);
        if let Ok(limits) = fs::read_to_string(format!("/proc/{pid}/limits")) {
            let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
            assert_eq!(core.split_whitespace().nth(4), Some("0"));
        }
    }

    /// A caller with a pipe of its own, for the test below.
    #[test]
    fn calls_the_broker() {
        if let Some(home) = std::env::var_os("CHANCERY_CALLER_HOME") {
            // A shell names no descriptor above 9: this one is handed on by hand.
            let pipe = fs::File::options().write(true).open("/proc/self/fd/5").unwrap();
            let high = rustix::io::fcntl_dupfd_cloexec(&pipe, 251).unwrap();
            rustix::io::fcntl_setfd(&high, rustix::io::FdFlags::empty()).unwrap();
            let home = Home::resolve(Sources { variable: Some(home), ..Sources::default() }).unwrap();
            Client::connect(&home).unwrap().ping().unwrap();
        }
    }

    #[test]
    fn a_started_broker_holds_none_of_its_callers_pipes() {
        let world = World::new();
        let script = "exec \"$0\" --exact tests::calls_the_broker 5>&1 >/dev/null 2>&1";
        let mut caller = Command::new("/bin/sh")
            .args(["-c", script])
            .arg(std::env::current_exe().unwrap())
            .env("CHANCERY_CALLER_HOME", world.home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The end comes while the broker lives on: it inherited descriptors 5 and 251 and let both go.
        let mut words = Vec::new();
        caller.stdout.take().unwrap().read_to_end(&mut words).unwrap();
        assert!(caller.wait().unwrap().success());
        assert!(Client::attach(&world.home).unwrap().is_some());
    }

    #[test]
    fn garbage_ends_one_conversation_and_not_the_broker() {
        let world = World::new();
        world.connect().ping().unwrap();
        for bytes in [b"\xff\xff\xff\xff".as_slice(), b"\0\0\0\x02{}", b"GET / HTTP/1.1\r\n\r\n", b""] {
            let mut stream: UnixStream = socket::connect(&world.home.socket()).unwrap();
            std::io::Write::write_all(&mut stream, bytes).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            // Closed, or reset where bytes were left unread: never an answer.
            let _closed = stream.read_to_end(&mut answer);
            assert!(answer.is_empty());
        }
        world.connect().ping().unwrap();
    }

    #[test]
    fn misuse_is_named() {
        for arguments in [&[][..], &["start"], &["serve", "--home"], &["serve", "--port", "1"]] {
            assert_eq!(Command::new(BROKER).args(arguments).stderr(Stdio::null()).status().unwrap().code(), Some(2));
        }
    }
}
