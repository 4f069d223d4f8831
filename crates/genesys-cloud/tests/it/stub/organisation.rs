//! The stub's default answers, from the reference.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{CLIENTS, Canned, LargePages, Organisation, Seen};

/// The system definitions, whose ids are the same everywhere.
pub(crate) const DEFINITIONS: [(&str, &str); 10] = [
    ("Available", "6a3af858-942f-489d-9700-5f9bcdcdae9b"),
    ("Busy", "31fe3bac-dea6-44b7-bed7-47f91660a1a0"),
    ("Away", "5e5c5c66-ea97-4e7f-ac41-6424784829f2"),
    ("Break", "227b37e2-f1d0-4dd0-8f50-badd7cf6d158"),
    ("Meal", "3fd96123-badb-4f69-bc03-1b1ccc6d8014"),
    ("Meeting", "bbdff279-7ae1-48ea-bade-7831d7234c64"),
    ("Training", "d2390a99-8546-bad9-8f0a-219548e8aeb0"),
    ("Idle", "7ffa01cd-7866-4ad7-8faa-31e11b42f51f"),
    ("OnQueue", "e08eaf1b-ee47-4fa9-a231-1200e284798f"),
    ("Offline", "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5"),
];

pub(crate) const OUR_SOURCE: &str = "11111111-2222-4333-8444-555555555555";

pub(crate) fn definition_of(system: &str) -> &'static str {
    DEFINITIONS.iter().find(|(name, _)| *name == system).unwrap().1
}

/// The platform's error envelope.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Canned {
    Canned::json(
        status,
        json!({"message": message, "code": code, "status": status, "contextId": "ctx-1", "details": [], "errors": []}),
    )
}

impl Organisation {
    pub(super) fn new() -> Self {
        let definitions = DEFINITIONS.map(|(system, id)| {
            json!({"id": id, "type": "System", "languageLabels": {"en_US": system}, "systemPresence": system,
                "divisionId": "*", "deactivated": false, "selfUri": format!("/api/v2/presence/definitions/{id}")})
        });
        Self {
            tokens_given: 0,
            valid_tokens: Default::default(),
            expires_in: json!(86_399),
            owners: Default::default(),
            missing_permissions: Vec::new(),
            missing_of: Default::default(),
            elsewhere: Default::default(),
            definitions: definitions.into(),
            sources: vec![
                json!({"id": OUR_SOURCE, "name": "pureconnect MAIN", "type": "User", "deactivated": false}),
                json!({"id": Uuid::from_u128(99), "name": "PURECLOUD", "type": "System", "deactivated": false}),
            ],
            settings: json!({"restorePresenceSettings": {"enabled": true, "restoreTimeMilliseconds": 3_600_000,
                "restoreOnQueueEnabled": false}, "requestingOffQueueEnabled": true, "someNewSetting": [1, 2]}),
            users: Vec::new(),
            large_pages: LargePages::Given,
            requests: Default::default(),
            streaming: Default::default(),
        }
    }

    pub(super) fn answer(&mut self, seen: &Seen) -> Canned {
        if seen.path == "/oauth/token" {
            return self.token(seen);
        }
        let bearer = seen.headers.get("authorization").map(|value| value.to_str().unwrap()).unwrap_or_default();
        let requests = self.requests.entry(bearer.to_owned()).or_default();
        *requests += 1;
        let requests = requests.to_string();
        let answer = match bearer.strip_prefix("Bearer ") {
            None => error(
                401,
                "authentication.required",
                "No authentication bearer token specified in authorization header.",
            ),
            Some(token) if !self.valid_tokens.contains(token) => {
                error(401, "bad.credentials", "Invalid login credentials.")
            }
            Some(token) => self.api(seen, self.owners[token]),
        };
        answer
            .with("inin-ratelimit-allowed", "300")
            .with("inin-ratelimit-count", &requests)
            .with("inin-ratelimit-reset", "61")
            .with("ININ-Correlation-Id", "0b9dca09-9ed3-4b08-b8ea-6a7c2c7b7b11")
    }

    fn token(&mut self, seen: &Seen) -> Canned {
        assert_eq!(seen.headers["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(seen.body, b"grant_type=client_credentials");
        let Some((client, _)) = CLIENTS.iter().find(|(_, basic)| seen.headers["authorization"] == *basic) else {
            let words = "client not found or wrong secret";
            let body = json!({"error": "invalid_client", "description": words, "error_description": words});
            return Canned::json(401, body);
        };
        self.tokens_given += 1;
        let token = format!("planted-token-{}", self.tokens_given);
        self.valid_tokens.insert(token.clone());
        self.owners.insert(token.clone(), client);
        Canned::json(200, json!({"access_token": token, "token_type": "bearer", "expires_in": self.expires_in}))
    }

    fn api(&mut self, seen: &Seen, client: &'static str) -> Canned {
        let path = seen.path.trim_start_matches("/api/v2/");
        let segments: Vec<&str> = path.split('/').collect();
        let permission = match (seen.method.as_str(), path) {
            ("GET", "presence/definitions") => "presence:presenceDefinition:view",
            ("GET", "presence/sources") => "presence:source:view",
            ("POST", "presence/sources") => "presence:source:add",
            ("POST", "events/users/presence") => "presence:userPresence:inject",
            ("POST", "events/users/routingstatus") => "routing:routingstatus:inject",
            ("GET", "presence/settings") => "presence:settings:view",
            ("PUT", "presence/settings") => "presence:settings:edit",
            ("GET", path) if path.ends_with("/primarysource") => "presence:userPrimarySource:view",
            ("PUT", path) if path.ends_with("/primarysource") => "presence:userPrimarySource:edit",
            ("PUT", "users/presences/bulk") => "presence:userPresence:edit",
            ("PATCH", path) if path.ends_with("/presences/purecloud") => "presence:userPresence:edit",
            _ => "",
        };
        let lacks = |permissions: &Vec<&str>| permissions.contains(&permission);
        if lacks(&self.missing_permissions) || self.missing_of.get(client).is_some_and(lacks) {
            let message = format!(
                "Unable to perform the requested action. You are missing the following permission(s): {permission}"
            );
            return error(403, "missing.permissions", &message);
        }
        if let Some(path) = path.strip_prefix("notifications/channels") {
            let path: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
            return self.streaming.answer(seen, &path);
        }
        match (seen.method.as_str(), path) {
            ("GET", "tokens/me") => {
                let acme = || json!({"id": Uuid::nil(), "name": "Acme"});
                let organisation = self.elsewhere.get(client).cloned().unwrap_or_else(acme);
                Canned::json(200, json!({"organization": organisation}))
            }
            ("GET", "organizations/me") => Canned::json(200, json!({"name": "Acme Ltd", "version": 1})),
            ("GET", "presence/definitions") => self.definitions(seen),
            ("GET", "presence/sources") => listing(self.sources.clone()),
            ("POST", "presence/sources") => self.create_source(seen),
            ("POST", "events/users/presence") => events(seen, "userPresenceEvents"),
            ("POST", "events/users/routingstatus") => events(seen, "userRoutingStatusEvents"),
            ("GET", "users") => self.users(seen),
            ("GET", "presence/settings") => Canned::json(200, self.settings.clone()),
            ("PUT", "presence/settings") => {
                self.settings = seen.json();
                Canned::json(200, seen.json())
            }
            ("PUT", "users/presences/bulk") => put_bulk(seen),
            (method, _) => match (method, segments.as_slice()) {
                ("PATCH", ["users", user, "presences", "purecloud"]) => patch(user, &seen.json()),
                ("PUT", ["users", _, "routingstatus" | "outofoffice"]) => Canned::json(200, seen.json()),
                (_, ["presence", "users", user, "primarysource"]) => self.primary_source(seen, user),
                _ => error(404, "not.found", "The requested resource was not found."),
            },
        }
    }

    fn definitions(&self, seen: &Seen) -> Canned {
        let deactivated = seen.query("deactivated").is_some_and(|asked| asked.eq_ignore_ascii_case("true"));
        listing(self.definitions.iter().filter(|d| d["deactivated"] == deactivated).cloned().collect())
    }

    fn create_source(&mut self, seen: &Seen) -> Canned {
        let mut source = seen.json();
        if source["name"].as_str().unwrap().trim().is_empty() {
            return error(409, "presenceservice.source.namecannotbeblank", "A name must be provided for a source");
        }
        source["id"] = json!(Uuid::from_u128(0x50));
        source["type"] = json!("User");
        source["deactivated"] = json!(false);
        self.sources.push(source.clone());
        Canned::json(200, source)
    }

    fn primary_source(&self, seen: &Seen, user: &str) -> Canned {
        match seen.method.as_str() {
            // The users of tests have small numbers.
            _ if user.parse::<Uuid>().unwrap().as_u128() >> 64 != 0 => {
                error(404, "not.found", "The requested resource was not found.")
            }
            "GET" => Canned::json(200, json!({"sourceId": OUR_SOURCE, "registered": true})),
            _ => Canned::json(200, seen.json()),
        }
    }

    fn users(&self, seen: &Seen) -> Canned {
        let state = seen.query("state").unwrap_or("active");
        let number = |name, default| seen.query(name).map_or(default, |text| text.parse::<usize>().unwrap());
        let (page, size) = (number("pageNumber", 1), number("pageSize", 25));
        let size = match self.large_pages {
            LargePages::Refused(most) if size > most => {
                return error(400, "invalid.value", "Value [pageSize] is not valid");
            }
            LargePages::Clamped(most) => size.min(most),
            LargePages::Given | LargePages::Refused(_) => size,
        };
        let wanted: Option<Vec<&str>> = seen.query("id").map(|ids| ids.split(',').collect());
        if wanted.as_ref().is_some_and(|ids| ids.len() > 100) {
            return error(400, "max.user.ids", "Only 100 users can be requested at a time.");
        }
        let matching: Vec<Value> = self
            .users
            .iter()
            .filter(|user| user["state"].as_str().unwrap_or("active") == state)
            .filter(|user| wanted.as_ref().is_none_or(|ids| ids.contains(&user["id"].as_str().unwrap())))
            .cloned()
            .collect();
        if matching.is_empty() && wanted.is_some() {
            return error(404, "general.resource.not.found", "The requested user(s) could not be found.");
        }
        let pages = matching.len().div_ceil(size);
        let entities: Vec<_> = matching.into_iter().skip((page - 1) * size).take(size).collect();
        Canned::json(200, json!({"entities": entities, "pageSize": size, "pageNumber": page, "pageCount": pages}))
    }
}

fn listing(entities: Vec<Value>) -> Canned {
    Canned::json(200, json!({"total": entities.len(), "entities": entities, "selfUri": "/self"}))
}

/// Sets presences, all or none. Whose is whose is told by the id, as in the request.
fn put_bulk(seen: &Seen) -> Canned {
    let body = seen.json();
    let items = body.as_array().unwrap();
    if items.len() > 50 {
        return error(400, "max.user.presences", "Only 50 user presences can be updated at a time.");
    }
    if items.iter().any(|item| item["presenceDefinition"]["id"] == definition_of("OnQueue")) {
        let words = "The endpoint does not support updating to the ON_QUEUE presence";
        return error(400, "endpoint.does.not.support.on.queue", words);
    }
    Canned::json(200, items.iter().map(|item| presence_of(item["id"].as_str().unwrap(), item)).collect())
}

fn patch(user: &str, body: &Value) -> Canned {
    if body["primary"].is_null() && body["presenceDefinition"]["id"].is_null() && body["message"].is_null() {
        return error(400, "bad.request", "nothing to change");
    }
    Canned::json(200, presence_of(user, body))
}

fn presence_of(user: &str, body: &Value) -> Value {
    let mut presence = json!({"source": "PURECLOUD", "primary": true, "message": "", "id": user,
        "modifiedDate": "2026-01-01T08:00:00.000Z", "selfUri": format!("/api/v2/users/{user}/presences")});
    presence["presenceDefinition"] = body["presenceDefinition"].clone();
    presence
}

fn events(seen: &Seen, list: &str) -> Canned {
    match seen.json()[list].as_array().unwrap().len() {
        0 => error(400, "zero.events.submitted", "A minimum of 1 event must be submitted"),
        1..=100 => Canned::json(200, json!({"errors": []})),
        _ => error(400, "max.batch.size.surpassed", "Max batch size is 100"),
    }
}
