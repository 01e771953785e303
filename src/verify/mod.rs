//! Checks that a catalog does what its authors wrote down: its [`cases`].

pub mod cases;
