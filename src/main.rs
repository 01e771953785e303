//! The `ocl-migrate` command.

use std::process::ExitCode;

use ocl_migrate::cli::CommandLine;

fn main() -> ExitCode {
    CommandLine::default().run()
}
