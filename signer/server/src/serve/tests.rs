//! What a server refuses before it answers anybody.

use signer_core::reason::{Code, Coded as _};

use super::loopback;

#[test]
fn listens_on_this_machine_only() {
    for address in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:0"] {
        assert!(loopback(address.parse().unwrap()).is_ok(), "{address}");
    }
    for address in ["0.0.0.0:0", "[::]:0", "192.168.1.1:80", "[::ffff:127.0.0.1]:80", "8.8.8.8:443"] {
        let refused = loopback(address.parse().unwrap()).err().map(|error| error.code());
        assert_eq!(refused, Some(Code::EngineAddress), "{address}");
    }
}
