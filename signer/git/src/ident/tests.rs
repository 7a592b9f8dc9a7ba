use crate::ident::Ident;
use crate::object::ObjectError;

const MALFORMED: ObjectError = ObjectError::Ident { header: "author" };
const DATE: ObjectError = ObjectError::Date { header: "author" };

fn refusal(value: &str) -> ObjectError {
    Ident::parse(value, "author").expect_err(value)
}

#[test]
fn reads_what_git_writes() {
    let ident = Ident::parse("Ada K. Lovelace <ada@example.com> 1795000000 -0130", "author").unwrap();
    assert_eq!((ident.name.as_str(), ident.email.as_str()), ("Ada K. Lovelace", "ada@example.com"));
    assert_eq!((ident.time.unix(), ident.offset), (1_795_000_000, -90));
    assert!(Ident::parse("A <> 0 +0000", "author").is_ok());
}

// GIT-24.
#[test]
fn refuses_addresses_that_two_readers_read_differently() {
    for value in [
        "Alice <a@corp> <m@evil> 1 +0000",
        "Alice a@corp <m@evil> <a@corp> 1 +0000",
        "Alice > <a@corp> 1 +0000",
        "Alice <a@corp <m@evil> 1 +0000",
        "Alice <a@corp >1 +0000",
        "Alice <a@corp > 1 +0000",
        "Alice < a@corp> 1 +0000",
        "Alice <\"a b\"@corp> 1 +0000",
        "Alice<a@corp> 1 +0000",
        "<a@corp> 1 +0000",
        " <a@corp> 1 +0000",
        "  <a@corp> 1 +0000",
        "Alice  <a@corp> 1 +0000",
        " Alice <a@corp> 1 +0000",
        "Alice <a@corp>1 +0000",
        "Alice a@corp 1 +0000",
        "Al\rice <a@corp> 1 +0000",
        "Alice\n more <a@corp> 1 +0000",
        "Alice <a@corp\n > 1 +0000",
        "Alice <a@corp> 1 +0000 <m@evil>",
        "",
    ] {
        assert_eq!(refusal(value), MALFORMED, "{value}");
    }
}

// GIT-25.
#[test]
fn refuses_dates_git_would_not_write() {
    for date in [
        "",
        " ",
        " 1",
        " 1 ",
        " +0000",
        " -1 +0000",
        " +1 +0000",
        " 01 +0000",
        " 00 +0000",
        " 1.5 +0000",
        " 253402300800 +0000",
        " 18446744073709551616 +0000",
        " 99999999999999999999999 +0000",
        " 1 0000",
        " 1 +000",
        " 1 +00000",
        " 1 +9999",
        " 1 +1401",
        " 1 -1500",
        " 1 +0060",
        " 1 UTC",
        " 1 +0000 ",
        " 1  +0000",
        " 1 +0000\n more",
        " one +0000",
    ] {
        assert_eq!(refusal(&format!("Alice <a@corp>{date}")), DATE, "{date}");
    }
}
