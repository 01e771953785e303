//! The `ocl-migrate` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ocl_migrate::cli::run()
}
