//! As whom the bridge speaks to Genesys Cloud: one OAuth client or several, and how many tokens each of them gets.

use genesys_cloud::OAuthClient;
use secrecy::SecretString;
use serde_json::json;
use toml::Spanned;
use toml::de::DeValue;

use super::place::Place;
use super::reader::Section;
use super::value::{Value, bad_value, wrong_type};
use crate::problem::{Problem, nearest};

/// Reads the clients of `[genesys_cloud]`.
pub fn clients(s: &mut Section<'_, '_, '_>) -> Option<Vec<OAuthClient>> {
    let id: Option<String> = s.required(
        "client_id",
        "\"00000000-0000-0000-0000-000000000000\"",
        "The id of an OAuth client with the grant type Client Credentials (its rights: see README).",
    );
    let secret = s.required(
        "client_secret",
        "{ file = \"genesys-cloud-secret\" }",
        "Its secret, never written in this file; the same three forms as PureConnect's password.",
    );
    let more: Option<Vec<OAuthClient>> = s.optional(
        "more_clients",
        "[{ client_id = \"11111111-1111-1111-1111-111111111111\", client_secret = { file = \"second-secret\" } }]",
        "More OAuth clients of the same organisation, with the same rights, for more requests a minute.",
    );
    let said = s.has("more_clients");
    let (first, more) = (OAuthClient { id: id?, secret: secret? }, if said { more? } else { Vec::new() });
    let clients: Vec<OAuthClient> = std::iter::once(first).chain(more).collect();
    let twice =
        clients.iter().enumerate().find(|(place, one)| clients[..*place].iter().any(|other| other.id == one.id));
    if let Some((_, twice)) = twice {
        let problem = Problem::new(format!("the OAuth client \"{}\" is there twice", twice.id));
        s.problem("more_clients", problem.help("one client can have several tokens: token_pool_size"));
        return None;
    }
    Some(clients)
}

/// How many tokens each client gets.
pub fn pool_size(s: &mut Section<'_, '_, '_>) -> Option<usize> {
    let size: Option<PoolSize> = s.default(
        "token_pool_size",
        "1",
        "Tokens of each OAuth client, at most 50. Genesys Cloud limits the requests of each token on its own, so that\ntwo may send twice as many; each costs about 1 s at the start. `presence-bridge check` says how many are needed.",
    );
    size.map(|size| size.0)
}

/// The most tokens that one client may have.
const MOST: usize = 50;

struct PoolSize(usize);

impl Value for PoolSize {
    fn schema() -> serde_json::Value {
        json!({ "type": "integer", "minimum": 1, "maximum": MOST })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let out_of_range = || bad_value(format!("expected a whole number from 1 to {MOST}"), node);
        let DeValue::Integer(_) = node.get_ref() else { return Err(wrong_type("a whole number", node)) };
        let size = u32::read(node, place).ok().and_then(|size| usize::try_from(size).ok());
        size.filter(|size| *size <= MOST).map(Self).ok_or_else(out_of_range)
    }
}

/// The keys of a further client.
const KEYS: [&str; 2] = ["client_id", "client_secret"];

impl Value for OAuthClient {
    fn schema() -> serde_json::Value {
        json!({
            "type": "object", "additionalProperties": false, "required": KEYS,
            "properties": { "client_id": String::schema(), "client_secret": SecretString::schema() },
        })
    }

    fn read(node: &Spanned<DeValue<'_>>, place: &mut Place<'_>) -> Result<Self, Vec<Problem>> {
        let Some(table) = node.get_ref().as_table() else {
            return Err(wrong_type("a client such as { client_id = \"…\", client_secret = { file = \"…\" } }", node));
        };
        let mut problems = Vec::new();
        for (key, _) in table.iter().filter(|(key, _)| !KEYS.contains(&key.get_ref().as_ref())) {
            let problem = Problem::new(format!("unknown key \"{}\" of a client", key.get_ref())).at(key.span());
            problems.push(match nearest(key.get_ref(), KEYS) {
                Some(guess) => problem.help(format!("did you mean \"{guess}\"?")),
                None => problem,
            });
        }
        let id: Option<String> = of_client(table.get(KEYS[0]), KEYS[0], node, place, &mut problems);
        let secret: Option<SecretString> = of_client(table.get(KEYS[1]), KEYS[1], node, place, &mut problems);
        match (id, secret) {
            (Some(id), Some(secret)) if problems.is_empty() => Ok(Self { id, secret }),
            _ => Err(problems),
        }
    }
}

/// Reads a key of a client, which must be there.
fn of_client<T: Value>(
    value: Option<&Spanned<DeValue<'_>>>,
    key: &str,
    client: &Spanned<DeValue<'_>>,
    place: &mut Place<'_>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let Some(value) = value else {
        problems.push(Problem::new(format!("the client has no {key}")).at(client.span()));
        return None;
    };
    match T::read(value, place) {
        Ok(read) => Some(read),
        Err(wrong) => {
            problems.extend(wrong.into_iter().map(|problem| problem.or_at(value.span())));
            None
        }
    }
}
