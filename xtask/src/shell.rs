//! Running other programs, and what can go wrong with it.
//!
//! Every program runs in the workspace's root, without standard input (nothing here may ask a question), and is
//! printed before it runs. Knows nothing of what the programs are for.

use std::env;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// Why a command of xtask failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("failed to start `{command}`")]
    Start {
        command: String,
        #[source]
        cause: io::Error,
    },
    #[error("`{command}` failed: {status}")]
    Status { command: String, status: ExitStatus },
    #[error("failed to read what `{command}` printed")]
    Output {
        command: String,
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    #[error("failed to {action} {path}")]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{}", .0.join("\n  "))]
    Missing(Vec<String>),
    #[error("{0} finding(s)")]
    Findings(usize),
    #[error("failed: {}", .0.join(", "))]
    Steps(Vec<&'static str>),
}

/// The failure and what it was caused by, in one line.
pub fn chain(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The workspace's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// Whether nobody is watching: GitHub and most other runners set `CI`.
pub fn unattended() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty())
}

/// Cargo, the one that runs us. Unattended, a lock file that no longer fits is an error instead of being rewritten.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments);
    if unattended() && !["fmt", "deny"].iter().any(|plain| arguments.first() == Some(plain)) {
        cargo.arg("--locked");
    }
    cargo
}

/// A program by its name.
pub fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments);
    command
}

/// Prints and runs it; anything but success is a failure.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command
        .current_dir(root())
        .stdin(Stdio::null())
        .status()
        .map_err(|cause| Failure::Start { command: shown.clone(), cause })?;
    if status.success() { Ok(()) } else { Err(Failure::Status { command: shown, status }) }
}

/// Runs it and returns what it printed; what it says on standard error stays there.
pub fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let shown = show(command);
    let output = command
        .current_dir(root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|cause| Failure::Start { command: shown.clone(), cause })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Failure::Status { command: shown, status: output.status })
    }
}

/// Whether it runs at all: for probing `--version`.
pub fn answers(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether a program of this name can be run.
pub fn on_path(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Whether we are root.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // The owner of our own entry in /proc is who we are; asking the kernel directly needs unsafe code.
    Path::new("/proc/self").metadata().is_ok_and(|entry| entry.uid() == 0)
}

fn show(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![name.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let failure = run(&mut program("sh", &["-c", "exit 3"])).unwrap_err();
        assert_eq!(chain(&failure), "`sh -c exit 3` failed: exit status: 3");
    }

    #[test]
    fn a_program_that_does_not_exist_is_a_failure_with_its_cause() {
        let failure = run(&mut program("no-such-program", &[])).unwrap_err();
        assert!(chain(&failure).starts_with("failed to start `no-such-program`: No such file"), "{}", chain(&failure));
    }

    #[test]
    fn programs_are_looked_up_in_the_path() {
        assert!(on_path("sh"));
        assert!(!on_path("no-such-program"));
    }

    #[test]
    fn what_a_program_prints_is_returned() {
        assert_eq!(output(&mut program("echo", &["hello"])).unwrap(), b"hello\n");
    }
}
