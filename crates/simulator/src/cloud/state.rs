//! The whole organisation, owned by one task: admits a request, finds its endpoint, and keeps what is shown of each
//! user in step with what was written.
//!
//! It neither waits nor touches sockets: what shall happen to an answer on its way is returned with it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use domain::target::SystemPresence;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Options;
use super::access::{self, Access, Admitted};
use super::channels::Channels;
use super::clients::{Clients, OAuthClient};
use super::control;
use super::definitions::Definitions;
use super::direct::Direct;
use super::fault::{Effect, Faults};
use super::organization;
use super::paging::{LARGEST, UserPages};
use super::presences;
use super::refusal::Refusal;
use super::request::{Answer, Body, Call, Reply, Request};
use super::routes::{self, Found, Route};
use super::sources::{PURECLOUD, Settings, Source, SourceKey};
use super::topics;
use super::truth::Ledger;
use super::user::{Shown, User};
use super::window::Quota;
use crate::clock::Clock;
use crate::population::random_uuid;

/// The organisation.
pub(super) struct State {
    pub clock: Clock,
    pub random: fastrand::Rng,
    pub organization: Organization,
    pub access: Access,
    pub users: BTreeMap<Uuid, User>,
    pub definitions: Definitions,
    pub sources: Vec<Source>,
    pub settings: Settings,
    pub channels: Channels,
    pub faults: Faults,
    pub ledger: Ledger,
    pub ignore_older_events: bool,
    /// How the presence service treats direct writes.
    pub direct: Direct,
    /// How many users a page of the directory has at most.
    pub user_pages: UserPages,
}

/// The organisation's own record.
pub(super) struct Organization {
    pub id: Uuid,
    pub name: String,
    pub division: Uuid,
    pub admin: Uuid,
    pub version: i64,
}

/// What shall happen to an answer on its way.
#[derive(Debug)]
pub(super) enum Delivery {
    Normal,
    Late(Duration),
    Trickle(Duration),
    Reset,
    Malformed,
    Truncated,
    Oversized(usize),
}

/// What comes of a request.
pub(super) enum Outcome {
    /// An answer.
    Answer(Reply, Delivery),
    /// Nothing yet: come again after this time.
    Hold(Duration),
}

impl State {
    /// An organisation with its people and an administrator.
    pub fn new(options: Options) -> Self {
        let mut random = fastrand::Rng::with_seed(options.seed ^ 0x0063_6c6f_7564);
        let at = options.clock.utc();
        let admin = User::new(random_uuid(&mut random), "Org Administrator", Some("admin@example.com"), at);
        let organization = Organization {
            id: random_uuid(&mut random),
            name: "Simulated organisation".to_owned(),
            division: random_uuid(&mut random),
            admin: admin.id,
            version: 1,
        };
        let mut users: BTreeMap<Uuid, User> = (options.people.iter())
            .map(|person| {
                let id = person.cloud_user.0;
                let mut user = User::new(id, &person.display_name, Some(&person.email), at);
                user.department = Some(person.workgroup.to_owned());
                (id, user)
            })
            .collect();
        users.insert(admin.id, admin);
        let client = OAuthClient::new(options.client_secret, options.permissions);
        let clients = Clients::new(options.client_id, client);
        Self {
            definitions: Definitions::seeded(&mut random, at),
            clock: options.clock,
            random,
            organization,
            access: Access::new(clients, options.token_lifetime, options.rate),
            users,
            sources: Vec::new(),
            settings: Settings {
                restore_enabled: true,
                restore_milliseconds: 60_000,
                restore_on_queue: false,
                requesting_off_queue: false,
                default_source: None,
            },
            channels: Channels::default(),
            faults: Faults::default(),
            ledger: Ledger::default(),
            ignore_older_events: options.ignore_older_events,
            direct: Direct::default(),
            user_pages: UserPages { most: LARGEST, clamped: false },
        }
    }

    /// Carries a request out. `held` is a request that comes again after [`Outcome::Hold`].
    pub fn handle(&mut self, request: &Request, held: bool) -> Outcome {
        if request.path.starts_with("/_simulator/") {
            return Outcome::Answer(control::handle(self, request), Delivery::Normal);
        }
        let effect = if held { None } else { self.faults.strike(request.method.as_str(), &request.path) };
        if let Some(Effect::Hold { milliseconds }) = effect {
            self.direct.updating.extend(presences::updated_user(request));
            return Outcome::Hold(Duration::from_millis(milliseconds));
        }
        if held && let Some(user) = presences::updated_user(request) {
            self.direct.updating.remove(&user);
        }
        let correlation = random_uuid(&mut self.random).to_string();
        let (mut reply, delivery) = match request.path.as_str() {
            "/oauth/token" => {
                self.count(request, "/oauth/token");
                let (now, at) = (self.clock.elapsed(), self.clock.utc());
                self.struck(effect, &correlation, |state| state.access.login(request, now, at, &mut state.random))
            }
            _ => self.handle_api(request, effect, &correlation),
        };
        if reply.status == 429 {
            self.ledger.throttled += 1;
        }
        reply.headers.push(("inin-correlation-id", correlation));
        Outcome::Answer(reply, delivery)
    }

    fn count(&mut self, request: &Request, template: &str) {
        *self.ledger.requests.entry(format!("{} {template}", request.method)).or_default() += 1;
    }

    fn handle_api(&mut self, request: &Request, effect: Option<Effect>, correlation: &str) -> (Reply, Delivery) {
        let found = routes::find(&request.method, &request.segments);
        let template = match &found {
            Found::Route(route, _) => route.template,
            Found::WrongMethod | Found::Nothing => "(unknown)",
        };
        self.count(request, template);
        let now = self.clock.elapsed();
        let (admitted, quota) = match self.access.admit(request.authorization.as_deref(), now) {
            Ok((admitted, quota)) => (Ok(admitted), quota),
            Err(refusal) => (Err(refusal), Quota { allowed: self.access.rate, count: 0, reset: 60, exceeded: false }),
        };
        let refused = match quota.exceeded {
            true => Some(Refusal::throttled(quota.reset, quota.allowed)),
            false => self.access.admit_route(&request.path, now).err(),
        };
        let (mut reply, delivery) = match refused {
            Some(refusal) => (refusal.reply(correlation), Delivery::Normal),
            None => self.struck(effect, correlation, |state| {
                state.answer(request, found, admitted).unwrap_or_else(|refusal| refusal.reply(correlation))
            }),
        };
        reply.headers.extend([
            ("inin-ratelimit-count", quota.count.to_string()),
            ("inin-ratelimit-allowed", quota.allowed.to_string()),
            ("inin-ratelimit-reset", quota.reset.to_string()),
        ]);
        (reply, delivery)
    }

    fn answer(&mut self, request: &Request, found: Found<'_>, admitted: Result<Admitted, Refusal>) -> Answer {
        let (route, params): (&Route, Vec<&str>) = match found {
            Found::Route(route, params) => (route, params),
            Found::WrongMethod => {
                let message = "The request method is not supported for the requested resource.";
                return Err(Refusal::new(405, "method.not.allowed", message));
            }
            Found::Nothing => return Err(Refusal::not_found()),
        };
        let Admitted { token, number, client } = admitted?;
        if let Some(other) = self.access.clients.get(&client).and_then(|client| client.elsewhere.as_ref())
            && route.template != access::TOKEN_INFO
        {
            // Nothing of this organisation is there for another's client, and of the other one only the record.
            let own = route.template == organization::OWN && request.method == Method::GET;
            return if own { Ok(Reply::ok(other.show())) } else { Err(Refusal::not_found()) };
        }
        self.access.clients.permit(&client, route.any_of)?;
        let body = match &request.body {
            Body::TooLarge => return Err(Refusal::too_large()),
            Body::Read(bytes) if route.takes_body => parse(bytes, request.content_type.as_deref())?,
            // Whatever a client sends where nothing is expected, such as the four bytes `null`, is ignored.
            Body::Read(_) => Value::Null,
        };
        (route.handle)(
            self,
            &Call { request, params, body, at: self.clock.utc(), token: &token, number, client: &client },
        )
    }

    /// The user in a path's variable place, unless deleted.
    pub fn known_user(&self, call: &Call<'_>, place: usize) -> Option<Uuid> {
        call.uuid(place).filter(|id| self.user(*id).is_some())
    }

    /// A user who is not deleted.
    pub fn user(&self, id: Uuid) -> Option<&User> {
        self.users.get(&id).filter(|user| user.state != "deleted")
    }

    /// A registered source.
    pub fn source(&self, id: Uuid) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// A registered source that may be used.
    pub fn active_source(&self, id: Uuid) -> Option<&Source> {
        self.source(id).filter(|source| !source.deactivated)
    }

    /// The primary source of a user.
    pub fn primary_source(&self, user: Uuid) -> Option<SourceKey> {
        self.users.get(&user).map(|user| self.primary_of(user))
    }

    /// The primary source of a user: the user's own, else the organisation's default, else the platform.
    pub fn primary_of(&self, user: &User) -> SourceKey {
        user.primary.or(self.settings.default_source.map(SourceKey::Registered)).unwrap_or(PURECLOUD)
    }

    /// What everybody sees of a user.
    pub fn shown(&self, user: &User) -> Shown {
        user.shown(self.primary_of(user))
    }

    /// The division that everybody is in.
    pub fn division(&self) -> Value {
        let id = self.organization.division;
        json!({"id": id, "name": "Home", "selfUri": format!("/api/v2/authorization/divisions/{id}")})
    }

    /// Changes a user, and tells subscribers what is different to the eye afterwards.
    pub fn change_user(&mut self, id: Uuid, at: Timestamp, change: impl FnOnce(&mut User)) {
        let Some(user) = self.users.get(&id) else { return };
        let (before, sources_before) = (self.shown(user), user.presences.clone());
        if let Some(user) = self.users.get_mut(&id) {
            change(user);
        }
        self.settle(id);
        let Some(user) = self.users.get(&id) else { return };
        let after = self.shown(user);
        for (topic, body) in topics::changes(self, user, &before, &after, &sources_before, at) {
            self.channels.publish(id, topic, &body, &mut self.random);
        }
    }

    /// Changes the settings; a new default source changes what is shown of everybody without a source of their own.
    pub fn change_settings(&mut self, settings: Settings, at: Timestamp) {
        let same = self.settings.default_source == settings.default_source;
        let before: Vec<(Uuid, Shown)> = match same {
            true => Vec::new(),
            false => self.users.values().map(|user| (user.id, self.shown(user))).collect(),
        };
        self.settings = settings;
        for (id, before) in before {
            self.settle(id);
            let Some(user) = self.users.get(&id) else { continue };
            let after = self.shown(user);
            for (topic, body) in topics::changes(self, user, &before, &after, &user.presences, at) {
                self.channels.publish(id, topic, &body, &mut self.random);
            }
        }
    }

    /// Lets the derived routing status follow the presence that is shown now.
    fn settle(&mut self, id: Uuid) {
        let Some(user) = self.users.get(&id) else { return };
        let presence = self.shown(user).presence;
        let on_queue = self.definitions.system_of(presence.definition) == SystemPresence::OnQueue;
        if let Some(user) = self.users.get_mut(&id) {
            user.follow_presence(on_queue, presence.modified);
        }
    }
}

fn parse(bytes: &[u8], content_type: Option<&str>) -> Result<Value, Refusal> {
    let is_json = content_type.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json"));
    if !is_json {
        return Err(Refusal::media_type());
    }
    let malformed =
        || Refusal::bad_request("The request could not be understood by the server due to malformed syntax.");
    match serde_json::from_slice(bytes) {
        Ok(Value::Null) | Err(_) => Err(malformed()),
        Ok(value) => Ok(value),
    }
}
