use super::*;

#[test]
fn what_is_within_the_limit_is_whole() {
    for length in [0, 1, 7, 8] {
        assert_eq!(read(vec![b'x'; length].as_slice(), 8).unwrap(), vec![b'x'; length]);
    }
}

#[test]
fn what_is_too_long_or_endless_shows_one_byte_too_many() {
    assert_eq!(read([b'x'; 10_000].as_slice(), 8).unwrap().len(), 9);
    assert_eq!(read(io::repeat(b'x'), 8).unwrap().len(), 9);
}

#[test]
fn what_cannot_be_read_is_an_error_and_no_shorter_text() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
    assert!(read([b'x'; 4].as_slice().chain(Broken), 8).is_err());
}
