//! Who is let in, and who is not, as they knock.

mod acting;
mod programs;
mod session;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use secrecy::SecretString;

use super::{Access, Peer, TrustedHeader};
use crate::house::{ADMIN, Answer, House, LOOPBACK, NETWORK, VIEWER, ask, encode, nobody, post, tokens};
use crate::server::ListenFailure;

const HERE: &str = "localhost:8090";
const ORIGIN: &str = "http://localhost:8090";

fn house(access: &Access, listen: &str) -> House {
    House::new(access, listen, &["main"])
}

fn proxy() -> Access {
    let header = TrustedHeader {
        name: "X-Forwarded-User".to_owned(),
        peers: vec!["10.0.0.5".parse().unwrap()],
        admins: vec!["maria".to_owned()],
    };
    Access { trusted_header: Some(header), ..nobody() }
}

/// From another computer, by a name of the bridge's.
fn from(peer: &str, path: &str) -> axum::http::request::Builder {
    let peer = Peer(format!("{peer}:40000").parse().unwrap());
    Request::get(path).header(header::HOST, "bridge.example.com").extension(peer)
}

fn empty(builder: axum::http::request::Builder) -> Request<Body> {
    builder.body(Body::empty()).unwrap()
}

mod start {
    use super::*;

    fn check(access: &Access, listen: &str) -> Result<(), ListenFailure> {
        access.check(listen.parse().unwrap())
    }

    #[test]
    fn an_address_that_others_reach_needs_a_token_or_a_trusted_header() {
        for address in ["0.0.0.0:8090", "192.0.2.10:8090", "[::]:8090", "[2001:db8::1]:8090", "[::ffff:192.0.2.1]:8090"]
        {
            assert!(matches!(check(&nobody(), address), Err(ListenFailure::Open { .. })), "{address}");
            assert!(check(&tokens(), address).is_ok(), "{address}");
            assert!(check(&proxy(), address).is_ok(), "{address}");
        }
    }

    #[test]
    fn loopback_needs_nothing() {
        for address in ["127.0.0.1:8090", "127.8.9.10:1", "[::1]:8090", "[::ffff:127.0.0.1]:8090"] {
            assert!(check(&nobody(), address).is_ok(), "{address}");
        }
    }

    #[test]
    fn a_token_that_could_be_guessed_is_refused_and_not_repeated() {
        let access = Access { admin_tokens: vec![SecretString::from("fifteen-letters")], ..nobody() };
        let failure = check(&access, LOOPBACK).unwrap_err();
        assert!(matches!(failure, ListenFailure::ShortToken { least: 16 }));
        assert!(!failure.to_string().contains("fifteen"));
    }

    #[test]
    fn a_header_that_anybody_could_send_is_refused() {
        let with = |name: &str, peers: &[&str]| {
            let peers = peers.iter().map(|peer| peer.parse().unwrap()).collect();
            let header = TrustedHeader { name: name.to_owned(), peers, admins: Vec::new() };
            check(&Access { trusted_header: Some(header), ..nobody() }, NETWORK)
        };
        assert!(matches!(with("X-User", &[]), Err(ListenFailure::NoPeers { .. })));
        assert!(matches!(with("X User", &["10.0.0.5"]), Err(ListenFailure::HeaderName { .. })));
        assert!(with("X-User", &["10.0.0.5"]).is_ok());
    }
}

mod loopback {
    use super::*;

    #[tokio::test]
    async fn everybody_on_this_computer_may_look_and_nobody_may_act() {
        let house = house(&nobody(), LOOPBACK);
        assert_eq!(house.get("/").await.status, StatusCode::OK);

        let form = encode(&[("form_token", form_token_of(&house).await)]);
        let answer = house.answer(post("/links/main/confirm", HERE, ORIGIN).body(form).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text.contains("administrator"), "{}", answer.text);
    }

    #[tokio::test]
    async fn with_a_viewers_token_nobody_may_look_without_it() {
        let house = house(&tokens(), LOOPBACK);
        let answer = house.get("/links/main/agents?presence=Meal").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.header("location"), "/login?next=%2Flinks%2Fmain%2Fagents%3Fpresence%3DMeal");
    }

    #[tokio::test]
    async fn a_name_that_is_not_ours_is_not_answered() {
        let house = house(&nobody(), LOOPBACK);
        for host in ["evil.example", "evil.example:8090", "localhost.evil.example"] {
            let answer = house.answer(empty(Request::get("/").header(header::HOST, host))).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
            assert!(!answer.text.contains("/links/"), "it says nothing of the links");
        }
        assert_eq!(
            house.answer(empty(Request::get("/"))).await.status,
            StatusCode::MISDIRECTED_REQUEST,
            "no name at all"
        );
        let named = house_with_name();
        assert_eq!(
            named.answer(empty(Request::get("/").header(header::HOST, "console.example:8443"))).await.status,
            StatusCode::OK
        );
    }

    fn house_with_name() -> House {
        house(&Access { hosts: vec!["console.example".to_owned()], ..nobody() }, LOOPBACK)
    }

    async fn form_token_of(house: &House) -> String {
        // There is no form for somebody who may not act, but whoever looks at the code can compute what it would be.
        house.app.door.seal().form_token(b"")
    }
}

mod behind_a_proxy {
    use super::*;

    #[tokio::test]
    async fn whom_the_proxy_names_may_look_and_administrators_may_act() {
        let house = house(&proxy(), NETWORK);
        let page = house.answer(empty(from("10.0.0.5", "/").header("x-forwarded-user", "jonas"))).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("Administrator"));
        let page = house.answer(empty(from("10.0.0.5", "/").header("x-forwarded-user", "maria"))).await;
        assert!(page.text.contains("Administrator"));
    }

    #[tokio::test]
    async fn the_header_means_nothing_from_anybody_else() {
        let house = house(&proxy(), NETWORK);
        for peer in ["10.0.0.6", "127.0.0.1", "192.0.2.1"] {
            let answer = house.answer(empty(from(peer, "/").header("x-forwarded-user", "maria"))).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{peer}");
        }
    }

    #[tokio::test]
    async fn no_name_and_two_names_are_nobody() {
        let house = house(&proxy(), NETWORK);
        assert_eq!(house.answer(empty(from("10.0.0.5", "/"))).await.status, StatusCode::SEE_OTHER);
        let empty_name = from("10.0.0.5", "/").header("x-forwarded-user", " ");
        assert_eq!(house.answer(empty(empty_name)).await.status, StatusCode::SEE_OTHER);
        let two = from("10.0.0.5", "/").header("x-forwarded-user", "jonas").header("x-forwarded-user", "maria");
        assert_eq!(house.answer(empty(two)).await.status, StatusCode::SEE_OTHER);
    }
}

#[test]
fn nothing_that_is_printed_has_a_token_in_it() {
    let access = tokens();
    let (door, keeper) = super::Door::new(&access, LOOPBACK.parse().unwrap()).unwrap();
    let printed = format!("{access:?} {door:?} {keeper:?}");
    assert!(!printed.contains(VIEWER) && !printed.contains(ADMIN), "{printed}");
}
