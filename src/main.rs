//! The `ocl-migrate` command.

fn main() {}
