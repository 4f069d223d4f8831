//! OAuth clients, their tokens, and how changes are delivered.

use genesys_cloud::DeliveryChoice;
use secrecy::ExposeSecret;

use super::{PLANTED, bad, folder, good, read, with};

const SECOND: &str = "{ client_id = \"b\", client_secret = { file = \"secret\" } }";

#[test]
fn each_client_has_a_number_of_tokens_each_with_a_budget() {
    let defaults = good(super::GOOD);
    assert_eq!((defaults.genesys_cloud.clients.len(), defaults.genesys_cloud.tokens_per_client), (1, 1));
    assert_eq!((defaults.options.budget.tokens, defaults.genesys_cloud.delivery), (1, DeliveryChoice::Auto));
    let text = format!("token_pool_size = 3\nmore_clients = [{SECOND}]\ndelivery = \"direct\"");
    let config = good(&with("genesys_cloud", &text));
    let ids: Vec<&str> = config.genesys_cloud.clients.iter().map(|client| client.id.as_str()).collect();
    assert_eq!(ids, ["an-id", "b"]);
    assert_eq!(config.genesys_cloud.clients[1].secret.expose_secret(), PLANTED);
    assert_eq!((config.genesys_cloud.tokens_per_client, config.options.budget.tokens), (3, 6));
    assert_eq!(config.genesys_cloud.delivery, DeliveryChoice::Direct);
}

#[test]
fn what_cannot_be_meant_is_refused_at_its_place() {
    let cases = [
        ("token_pool_size = 0", "expected a whole number from 1 to 50"),
        ("token_pool_size = 51", "expected a whole number from 1 to 50"),
        ("token_pool_size = \"2\"", "expected a whole number, found a text"),
        ("delivery = \"event\"", "did you mean \"events\"?"),
        ("more_clients = []", "the list is empty"),
        ("more_clients = [7]", "expected a client such as"),
        ("more_clients = [{ client_id = \"b\" }]", "the client has no client_secret"),
        ("more_clients = [{ client_id = 7, client_secret = 7 }]", "expected where the secret is"),
        ("more_clients = [{ client_id = \"b\", client_sekret = { env = \"X\" } }]", "did you mean \"client_secret\"?"),
        ("more_clients = [{ client_id = \"an-id\", client_secret = { file = \"secret\" } }]", "is there twice"),
    ];
    for (line, words) in cases {
        let story = bad(&with("genesys_cloud", line));
        assert!(story.contains(words), "{line}: {story}");
        assert!(story.contains("bridge.toml:8:"), "{line}: {story}");
        if line.starts_with("token") {
            assert!(story.contains(line), "no secret is in it: {story}");
        }
    }
}

#[test]
fn the_secret_of_a_further_client_is_as_secret_as_the_first() {
    for wrong in [
        format!("more_clients = [{{ client_id = \"b\", client_secret = \"{PLANTED}\" }}]"),
        format!("more_clients = [{{ client_id = \"b\", client_secret = {{ value = \"{PLANTED}\" }} }}]"),
        format!("more_clients = [{{ client_id = \"b\", client_secrt = \"{PLANTED}\" }}]"),
        format!("more_clients = [{{ client_id = \"b\", client_secret = \"{PLANTED}\" }}"),
        format!("more_clients = [{{ client_id = \"b\", client_secret = \"{PLANTED} }}]"),
        format!("more_clients = [[{{ client_secret = \"{PLANTED}\" }}]]"),
    ] {
        // Everything that is told is searched for the planted secret.
        bad(&with("genesys_cloud", &wrong));
    }
    let (config, _) = read(&folder(), &with("genesys_cloud", &format!("more_clients = [{SECOND}]"))).unwrap();
    assert!(!format!("{config:?}").contains(PLANTED));
}
