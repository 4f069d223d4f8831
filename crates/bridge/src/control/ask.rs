//! The operator's end of the socket.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::{Answer, LINE, PATIENCE, Request};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// Tells the bridge that listens at this socket that what PureConnect shows is right.
pub fn confirm(socket: &Path) -> Result<Answer, Failed> {
    let stream = UnixStream::connect(socket).map_err(|error| nobody(socket, error))?;
    let answer = exchange(stream, Request::Confirm).map_err(|error| {
        let problem = Problem::new(format!("the bridge at {} did not answer", socket.display()));
        Failed::diagnosed(Exit::Unreachable, problem.because(error).help("its log says what it is doing"))
    })?;
    match Answer::parse(&answer) {
        Some(answer) => Ok(answer),
        None => {
            let problem = Problem::new(format!("what listens at {} is no Presence Bridge", socket.display()));
            let help = "or it is of another version: use the same program as the service";
            Err(Failed::diagnosed(Exit::Unreachable, problem.help(help)))
        }
    }
}

fn exchange(mut stream: UnixStream, request: Request) -> io::Result<String> {
    // Longer than the bridge itself waits for its loop, so that its own explanation arrives.
    stream.set_read_timeout(Some(PATIENCE * 3))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request.line().as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).take(LINE as u64).read_line(&mut line)?;
    Ok(line)
}

/// Why the socket cannot be spoken to, and what to do.
fn nobody(socket: &Path, error: io::Error) -> Failed {
    let shown = socket.display();
    if error.kind() == io::ErrorKind::PermissionDenied {
        let problem = Problem::new(format!("the socket {shown} belongs to another user")).because(error);
        let problem = problem.help("run this as the user that the bridge runs as, or as root");
        return Failed::diagnosed(Exit::NotAuthorized, problem);
    }
    let problem = Problem::new(format!("no bridge is running here: nobody listens at {shown}")).because(error);
    let problem = problem.help(
        "give the configuration file that it runs with; a service of systemd may have its socket in \
         $RUNTIME_DIRECTORY, which is not set here, unless [control] names one",
    );
    Failed::diagnosed(Exit::Unreachable, problem)
}
