//! Faults by name, asked for from another process: that each begins, strikes and ends, and what is said where nobody is.

use simulator::cloud::Command;
use simulator::faults::{Asked, NAMED, Named, Side};
use simulator::remote::{Remote, RemoteFailure};
use simulator::{Options, Simulation};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{BUSY, Cloud};

const PATH: &str = "/api/v2/systempresences";

async fn both() -> (Simulation, Remote) {
    let any = || "127.0.0.1:0".parse().expect("an address");
    let options = Options {
        icws: any(),
        cloud: any(),
        agents: 6,
        seed: 1,
        speed: 60.0,
        idle: true,
        rate: 300,
        day: simulator::day::FULL,
    };
    let simulation = Simulation::start(options).await.expect("free addresses");
    let remote = Remote { icws: simulation.icws.url(), cloud: simulation.cloud.url() };
    (simulation, remote)
}

async fn ask(remote: &Remote, asked: impl IntoIterator<Item = Asked>) {
    for asked in asked {
        remote.ask(&asked).await.expect("what is in the table is understood");
    }
}

fn named(name: &str) -> &'static Named {
    Named::find(name).expect("a fault of this name")
}

/// Of a cloud that runs alone.
fn remote_of(cloud: &Cloud) -> Remote {
    Remote { icws: String::new(), cloud: cloud.server.url() }
}

#[tokio::test]
async fn every_fault_is_understood_at_its_beginning_and_at_its_end() {
    let (simulation, remote) = both().await;
    for side in [Side::Icws, Side::Cloud] {
        assert!((remote.speed(side).await.expect("both are there") - 60.0).abs() < f64::EPSILON);
    }
    for fault in &NAMED {
        ask(&remote, fault.begin(60)).await;
        ask(&remote, fault.end()).await;
    }
    for side in [Side::Icws, Side::Cloud] {
        ask(&remote, Asked::everything_over(side)).await;
    }
    simulation.stop().await;
}

#[tokio::test]
async fn what_is_down_is_up_again_and_another_fault_goes_on() {
    let cloud = Cloud::start().await;
    let remote = remote_of(&cloud);
    ask(&remote, named("events-forbidden").begin(0)).await;
    ask(&remote, named("cloud-down").begin(0)).await;
    assert_eq!(cloud.get(PATH).await.status, 503);
    assert_eq!(cloud.login(&[("grant_type", "client_credentials")], Some(("bridge", "s3cret"))).await.status, 503);
    ask(&remote, named("cloud-down").end()).await;
    assert_eq!(cloud.get(PATH).await.status, 200);
    let source = cloud.claim().await;
    let event = || cloud.inject_presence(&source, cloud.users[0], BUSY, "2026-03-02T08:00:01Z");
    assert_eq!(event().await.status, 403);
    ask(&remote, named("events-forbidden").end()).await;
    assert_eq!(event().await.status, 200);
}

#[tokio::test]
async fn everything_is_over_at_one_word_whoever_began_it() {
    let cloud = Cloud::start().await;
    let remote = remote_of(&cloud);
    for name in ["cloud-down", "cloud-throttles", "cloud-slow"] {
        ask(&remote, named(name).begin(0)).await;
    }
    ask(&remote, Asked::everything_over(Side::Cloud)).await;
    assert_eq!(cloud.get(PATH).await.status, 200);
}

#[tokio::test]
async fn somebody_else_overwrites_those_whom_a_registered_source_shows() {
    let cloud = Cloud::start().await;
    let remote = remote_of(&cloud);
    remote.ask(&Asked::Command(Command::Overwrite { users: 3 })).await.expect("it is understood");
    let busy = |truth: &simulator::cloud::Truth| {
        truth.users.values().filter(|user| user.presence.definition.to_string() == BUSY).count()
    };
    assert_eq!(busy(&cloud.truth().await), 0, "nobody is synchronised");
    let source = cloud.claim().await;
    for user in &cloud.users {
        let event = cloud.inject_presence(&source, *user, crate::support::MEAL, "2026-03-02T08:00:01Z");
        assert_eq!(event.await.status, 200);
    }
    remote.ask(&Asked::Command(Command::Overwrite { users: 3 })).await.expect("it is understood");
    assert_eq!(busy(&cloud.truth().await), 3);
}

#[tokio::test]
async fn where_nobody_is_or_somebody_else_it_is_said() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free address");
    let address = format!("http://{}", free.local_addr().expect("an address"));
    let remote = |cloud: &str| Remote { icws: String::new(), cloud: cloud.to_owned() };
    let other = tokio::spawn(async move {
        let (mut stream, _) = free.accept().await.expect("a connection");
        let _ = stream.read(&mut [0; 1_024]).await.expect("a request");
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await.expect("an answer is taken");
        drop(stream);
        let (mut stream, _) = free.accept().await.expect("a connection");
        stream.write_all(b"SSH-2.0-OpenSSH\r\n").await.expect("an answer is taken");
    });
    for _ in 0..2 {
        let failure = remote(&address).speed(Side::Cloud).await.expect_err("no simulator is there");
        assert!(matches!(failure, RemoteFailure::SomebodyElse { .. }), "{failure:?}");
    }
    other.await.expect("the other server has done its part");
    let failure = remote(&address).speed(Side::Cloud).await.expect_err("nobody is there");
    assert!(matches!(failure, RemoteFailure::Unreachable { .. }), "{failure:?}");
    for wrong in ["", "http://", "https://127.0.0.1:1/path", "no port"] {
        let failure = remote(wrong).speed(Side::Cloud).await.expect_err("no address");
        assert!(
            matches!(failure, RemoteFailure::Address { .. } | RemoteFailure::Unreachable { .. }),
            "{wrong}: {failure:?}"
        );
    }
}
