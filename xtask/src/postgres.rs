//! A PostgreSQL server for the tests: a new one in a folder of its own, on a free port, gone when the tests are over.
//!
//! Uses the programs in the path, or those of Debian's package beside it; never a server that is running already. Knows
//! nothing of what the tests keep in it.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{env, io};

use crate::shell::{self, Failure};

/// Where the tests find the server. They make databases of their own in it.
pub const URL: &str = "PRESENCE_BRIDGE_POSTGRES";

/// Where Debian keeps the server's programs, by version, beside the path.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Told before the package is installed: it brings a cluster of its own, which nobody needs here.
const NO_CLUSTER: (&str, &str) = ("/etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n");

/// A server is ready after a second or two.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between looking for a free port and taking it, somebody else may take it.
const TRIES: usize = 3;

/// A server, until it is dropped.
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    account: Option<Account>,
    url: String,
    server: Child,
    log: Option<JoinHandle<()>>,
}

/// Whom the server runs as where we are root, as whom it refuses to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Account {
    user: u32,
    group: u32,
}

impl Postgres {
    /// Makes a server and waits until it takes connections.
    pub fn start() -> Result<Self, Failure> {
        let programs = programs().ok_or_else(|| failed("the programs of PostgreSQL are missing", ""))?;
        let account = if shell::is_root() { Some(account()?) } else { None };
        // Not in `target`, whose path may be nobody else's business, and too long for one.
        let folder = env::temp_dir().join(format!("presence-bridge-postgres-{}", std::process::id()));
        let started = initialise(&folder, &programs, account).and_then(|password| {
            let mut tries = (1..=TRIES).map(|_| launch(&folder, &programs, account, &password));
            let first = tries.next().expect("there is more than one try");
            tries.fold(first, |before, again| before.or(again))
        });
        if started.is_err() {
            // What is left of it is of no use, and the failure says more.
            let _: io::Result<()> = fs::remove_dir_all(&folder);
        }
        let (url, server, log) = started?;
        Ok(Self { folder, programs, account, url, server, log: Some(log) })
    }

    /// Where it is, with the password that was made for it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let mut stop = run_as(self.account, &self.programs.join("pg_ctl"), &self.folder);
        stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]).arg(data);
        if !shell::answers(&mut stop) {
            let _: io::Result<()> = self.server.kill();
        }
        let _: io::Result<_> = self.server.wait();
        if let Some(log) = self.log.take() {
            let _: Result<(), _> = log.join();
        }
        let _: io::Result<()> = fs::remove_dir_all(&self.folder);
    }
}

/// Whether there are programs to start one with.
pub fn is_there() -> bool {
    programs().is_some()
}

/// Before the package is installed.
pub fn prepare_installation() {
    let (path, text) = NO_CLUSTER;
    if let Some(folder) = Path::new(path).parent()
        && !Path::new(path).exists()
    {
        // Where it cannot be said, there is one more cluster, and the tests do not notice.
        let _: io::Result<()> = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    }
}

/// The folder with the server's programs: from the path, else the newest of Debian's.
fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).find(|folder| is_complete(folder)).or_else(|| newest(Path::new(DEBIAN)))
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"].iter().all(|program| folder.join(program).is_file())
}

fn newest(versions: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(versions).ok()?.filter_map(Result::ok);
    let version = |folder: fs::DirEntry| Some((folder.file_name().to_str()?.parse::<u32>().ok()?, folder.path()));
    let complete =
        |(version, path): (u32, PathBuf)| Some((version, path.join("bin"))).filter(|(_, bin)| is_complete(bin));
    folders.filter_map(version).filter_map(complete).max().map(|(_, bin)| bin)
}

/// The package's own account, or else the one that owns nothing.
fn account() -> Result<Account, Failure> {
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].iter().find_map(|name| account_of(&accounts, name));
    found.ok_or_else(|| failed("there is no account `postgres` or `nobody` to run PostgreSQL as", ""))
}

fn account_of(accounts: &str, name: &str) -> Option<Account> {
    let mut fields = accounts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':');
    let user = fields.nth(1)?.parse().ok()?;
    Some(Account { user, group: fields.next()?.parse().ok()? })
}

/// Makes the folder and an empty cluster in it. Returns the password of its one user.
fn initialise(folder: &Path, programs: &Path, account: Option<Account>) -> Result<String, Failure> {
    let password = password().map_err(|cause| file("read", Path::new("/dev/urandom"), cause))?;
    let secret = folder.join("password");
    fs::create_dir_all(folder).map_err(|cause| file("make", folder, cause))?;
    fs::write(&secret, &password).map_err(|cause| file("write", &secret, cause))?;
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(|cause| file("protect", folder, cause))?;
    if let Some(Account { user, group }) = account {
        for path in [folder, &secret] {
            chown(path, Some(user), Some(group)).map_err(|cause| file("give away", path, cause))?;
        }
    }
    let mut initdb = run_as(account, &programs.join("initdb"), folder);
    initdb.args(["--username=presence", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]);
    initdb.arg("--pwfile").arg(&secret).arg("--pgdata").arg(folder.join("data"));
    let output = initdb.stdin(Stdio::null()).output();
    let output = output.map_err(|cause| Failure::Start { command: "initdb".to_owned(), cause })?;
    if output.status.success() {
        Ok(password)
    } else {
        Err(failed("`initdb` failed", &format!("\n  {}", String::from_utf8_lossy(&output.stderr).trim())))
    }
}

type Launched = (String, Child, JoinHandle<()>);

/// Starts the server on a port that is free at the moment, and waits until it is ready.
fn launch(folder: &Path, programs: &Path, account: Option<Account>, password: &str) -> Result<Launched, Failure> {
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    let port = free.map_err(|cause| Failure::Start { command: "postgres".to_owned(), cause })?.port();
    let mut postgres = run_as(account, &programs.join("postgres"), folder);
    postgres.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]);
    // Without syncs: what it holds need not outlive it.
    let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "fsync=off"];
    for setting in settings {
        postgres.args(["-c", setting]);
    }
    let started = postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut server = started.map_err(|cause| Failure::Start { command: "postgres".to_owned(), cause })?;
    let said = server.stderr.take().expect("it was asked for");
    let (lines, log) = listen(said);
    match await_ready(&lines) {
        Ok(()) => Ok((format!("postgres://presence:{password}@127.0.0.1:{port}/postgres"), server, log)),
        Err(said) => {
            let _: io::Result<()> = server.kill();
            let _: io::Result<_> = server.wait();
            Err(failed("PostgreSQL did not start", &said))
        }
    }
}

/// Reads what the server says for as long as it lives, or it would stop at a full pipe. The channel holds what a start
/// says; what comes later is of no interest.
fn listen(said: ChildStderr) -> (Receiver<String>, JoinHandle<()>) {
    let (lines, listener) = mpsc::sync_channel(1_000);
    let log = std::thread::spawn(move || {
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            let _: Result<(), _> = lines.try_send(line);
        }
    });
    (listener, log)
}

/// Waits for the line that says so; otherwise returns what was said instead.
fn await_ready(lines: &Receiver<String>) -> Result<(), String> {
    let mut said = String::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains("ready to accept connections") => return Ok(()),
            Ok(line) => said = format!("{said}\n  {line}"),
            Err(RecvTimeoutError::Timeout) => return Err(format!("{said}\n  and then nothing for a minute")),
            Err(RecvTimeoutError::Disconnected) => return Err(said),
        }
    }
}

/// A program of the server's, in English, from a folder that its account may enter. Changing the account also takes our
/// other groups away.
fn run_as(account: Option<Account>, program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C");
    if let Some(Account { user, group }) = account {
        command.uid(user).gid(group);
    }
    command
}

fn password() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn file(action: &'static str, path: &Path, cause: io::Error) -> Failure {
    Failure::File { action, path: path.to_owned(), cause }
}

fn failed(what: &str, said: &str) -> Failure {
    let advice = "the tests need a PostgreSQL server: see that Debian's package `postgresql` is installed whole";
    Failure::Missing(vec![format!("{what} ({advice}){said}")])
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_server_starts_asks_for_its_password_and_is_gone_when_dropped() {
        let server = Postgres::start().unwrap();
        let (folder, port) = (server.folder.clone(), server.url.rsplit([':', '/']).nth(1).unwrap().to_owned());
        let address = format!("127.0.0.1:{port}");
        let mut connection = std::net::TcpStream::connect(&address).unwrap();
        let mut startup = b"\0\x03\0\0user\0presence\0\0".to_vec();
        startup.splice(0..0, u32::try_from(startup.len() + 4).unwrap().to_be_bytes());
        connection.write_all(&startup).unwrap();
        let mut answer = [0; 9];
        connection.read_exact(&mut answer).unwrap();
        assert_eq!((answer[0], answer[8]), (b'R', 10), "it asks for SASL, which is a password");
        drop(connection);
        drop(server);
        assert!(!folder.exists());
        assert!(std::net::TcpStream::connect(&address).is_err());
    }

    #[test]
    fn debian_s_programs_are_found_beside_the_path_and_the_newest_wins() {
        let versions = env::temp_dir().join(format!("presence-bridge-versions-{}", std::process::id()));
        for (version, programs) in [("9", 3), ("15", 3), ("17", 2)] {
            let bin = versions.join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            for program in ["initdb", "postgres", "pg_ctl"].iter().take(programs) {
                fs::write(bin.join(program), "").unwrap();
            }
        }
        let found = newest(&versions);
        let expected = versions.join("15/bin");
        fs::remove_dir_all(&versions).unwrap();
        assert_eq!(found, Some(expected));
        assert_eq!(newest(&versions), None);
    }

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts = "root:x:0:0::/:/bin/sh\nnobody2:x:9:9::/:/bin/false\nnobody:x:65534:65533::/:/bin/false\n";
        assert_eq!(account_of(accounts, "nobody"), Some(Account { user: 65534, group: 65533 }));
        assert_eq!(account_of(accounts, "postgres"), None);
    }

    #[test]
    fn what_a_server_says_instead_of_being_ready_is_kept() {
        let (lines, listener) = mpsc::sync_channel(2);
        lines.send("FATAL: no such folder".to_owned()).unwrap();
        drop(lines);
        assert_eq!(await_ready(&listener), Err("\n  FATAL: no such folder".to_owned()));
    }
}
