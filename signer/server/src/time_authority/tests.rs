//! Authorities that answer, and authorities that do not.
