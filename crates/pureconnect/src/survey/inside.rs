//! Looks around in a session: asks for each thing that the bridge needs, on its own, so that one missing right does not
//! hide the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::ids::AgentId;
use domain::source::{Catalogue, Scope};
use futures_util::StreamExt;
use replicator::ports::Clock;
use tokio::time::{Instant, sleep_until};

use super::Inside;
use super::rights::{Right, Standing};
use crate::config::Config;
use crate::convert::{self, Content, Message, Subject, SubscriptionState};
use crate::error::{Error, chain};
use crate::gathering::{Gathering, Progress};
use crate::picture::{Layout, Picture, StatusPatch};
use crate::prepared::{list_patience, rhythm};
use crate::session::Session;
use crate::stream::{self, Feed, Group};
use crate::subscribe::{Asker, Plan, watch_queues, watch_statuses};

/// What is known of a session before anything is asked.
pub(super) fn unknown(session: &Session, password_days: Option<i64>) -> Inside {
    let not_asked = |right| (right, Standing::Unknown { why: "it was not come to".to_owned() });
    Inside {
        host: session.host().to_owned(),
        server_sent_events: session.can_stream,
        workforce_engagement: None,
        clock_offset: session.offset,
        password_days,
        rights: Right::ALL.map(not_asked).into(),
        catalogue: None,
        workgroups: None,
        users: None,
        agents: Vec::new(),
        unknown_workgroups: Vec::new(),
        statuses: Vec::new(),
        without_status: Vec::new(),
        without_queues: Vec::new(),
        interrupted: None,
    }
}

/// Looks around, and notes each thing as soon as it is known. Whatever ends the session ends it.
pub(super) async fn look_around(
    session: Arc<Session>,
    config: &Config,
    clock: Arc<dyn Clock>,
    scope: &Scope,
    inside: &mut Inside,
) {
    let feed = stream::open(Arc::clone(&session), Arc::clone(&clock), rhythm(config));
    let asker = Asker {
        session,
        clock,
        scope: scope.clone(),
        user: config.user.clone(),
        chunk: config.queue_chunk,
        is_first: false,
    };
    let mut look = Look { asker, picture: Picture::new(scope.clone()), columns: Columns::default(), inside };
    if let Err(error) = look.at_everything(feed, config).await {
        look.inside.interrupted = Some(chain(&error));
    }
}

/// The columns of statuses that came.
#[derive(Default)]
struct Columns {
    any: bool,
    since: bool,
    until: bool,
    logged_in: bool,
}

struct Look<'a> {
    asker: Asker,
    picture: Picture,
    columns: Columns,
    inside: &'a mut Inside,
}

impl Look<'_> {
    async fn at_everything(&mut self, feed: Feed, config: &Config) -> Result<(), Error> {
        self.at_users_and_workgroups().await?;
        self.at_catalogue().await?;
        let licence = self.asker.feature_licence().await;
        self.inside.workforce_engagement = self.stand(Right::FeatureLicences, licence)?;
        self.at_agents(feed, config).await
    }

    async fn at_users_and_workgroups(&mut self) -> Result<(), Error> {
        let users = self.asker.users().await;
        let users = self.stand(Right::Users, users)?;
        self.inside.users = users.as_ref().map(Vec::len);
        let set = users.unwrap_or_default();
        if self.inside.users == Some(0) {
            self.set(Right::Users, missing(""));
        }
        let is_member = set.iter().any(|user| user.workgroups.iter().flatten().next().is_some());
        self.picture.apply(true, Content::Users { set, removed: Vec::new() });
        let workgroups = self.asker.all_workgroups().await;
        let workgroups = self.stand(Right::Workgroups, workgroups)?;
        if let Some(set) = workgroups {
            // Users are members of what is not shown.
            if set.is_empty() && is_member {
                self.set(Right::Workgroups, missing(""));
            }
            self.picture.apply(true, Content::Workgroups { set, removed: Vec::new() });
            self.inside.workgroups = Some(self.picture.lists().workgroups);
        }
        self.inside.agents = self.picture.lists().agents;
        self.inside.unknown_workgroups = self.picture.unheard_of(&self.asker.scope);
        Ok(())
    }

    async fn at_catalogue(&mut self) -> Result<(), Error> {
        let catalogue = self.asker.catalogue().await;
        if let Some(list) = self.stand(Right::StatusMessages, catalogue)? {
            let catalogue: Catalogue = list.into_iter().collect();
            if catalogue.is_empty() {
                self.set(Right::StatusMessages, missing(""));
            }
            self.inside.catalogue = Some(catalogue);
        }
        Ok(())
    }

    /// Subscribes to the agents' statuses and queues, and waits for what they report.
    async fn at_agents(&mut self, feed: Feed, config: &Config) -> Result<(), Error> {
        let population = self.picture.population();
        if population.is_empty() {
            let why = "nobody is in scope";
            for right in [Right::Status, Right::TimeInStatus, Right::Until, Right::LoggedIn, Right::UserQueues] {
                self.set(right, Standing::Unknown { why: why.to_owned() });
            }
            return Ok(());
        }
        let mut expected = BTreeSet::new();
        let statuses = watch_statuses(&self.asker.session, &population).await;
        if self.stand(Right::Status, statuses)?.is_some() {
            expected.insert(Subject::Statuses);
        }
        let queues = watch_queues(&self.asker.session, Plan::anew(&population, self.asker.chunk)).await;
        let queues = self.stand(Right::UserQueues, queues)?;
        let (layout, refusal) = queues.map_or_else(Default::default, |watched| (watched.layout, watched.first_refusal));
        expected.extend(layout.keys().cloned().map(Subject::Queues));
        self.picture.set_layout(&layout);
        let mut heard = Heard { gathering: gathering(&self.asker.session, config), faults: BTreeMap::new() };
        heard.gathering.expect(expected, Instant::now());
        let listened = self.listen(feed, &mut heard).await;
        self.judge_statuses(&population);
        self.judge_queues(&population, &layout, refusal.as_ref(), &heard.faults);
        listened
    }

    async fn listen(&mut self, mut feed: Feed, heard: &mut Heard) -> Result<(), Error> {
        loop {
            let end = match heard.gathering.progress(Instant::now(), self.picture.is_covered()) {
                Progress::Done => return Ok(()),
                Progress::Overdue => {
                    let (host, missing) = (self.asker.session.host().to_owned(), heard.gathering.missing());
                    return Err(Error::Incomplete { host, missing, after: heard.gathering.patience() });
                }
                Progress::Until(end) => end,
            };
            tokio::select! {
                group = feed.next() => match group {
                    Some(group) => self.take_in(group?, heard)?,
                    None => return Err(Error::StreamClosed { host: self.asker.session.host().to_owned() }),
                },
                () = sleep_until(end) => {}
            }
        }
    }

    fn take_in(&mut self, group: Group, heard: &mut Heard) -> Result<(), Error> {
        let session = &self.asker.session;
        for text in &group.messages {
            let message = convert::message(text, session.offset)
                .map_err(|error| Error::malformed(session.host(), "message", &error))?;
            match message {
                Message::Report { whole, content } => {
                    if let Content::Statuses(patches) = &content {
                        self.columns.note(patches);
                    }
                    let is_growth = !whole && self.picture.is_growth(&content);
                    heard.gathering.fate(whole, &content, is_growth, Instant::now());
                    self.picture.apply(whole, content);
                }
                Message::Subscription { id: Some(id), state, detail } => match state {
                    SubscriptionState::Suspended | SubscriptionState::Faulted => {
                        heard.gathering.excuse(Subject::Queues(id.clone()), Instant::now());
                        heard.faults.insert(id, detail);
                    }
                    SubscriptionState::None | SubscriptionState::Normal | SubscriptionState::Other(_) => {}
                },
                Message::Down { reason, again } => {
                    return Err(Error::Down { host: session.host().to_owned(), reason, again });
                }
                Message::Subscription { id: None, .. } | Message::Connection { .. } | Message::Unknown { .. } => {}
            }
        }
        Ok(())
    }

    fn judge_statuses(&mut self, population: &BTreeSet<AgentId>) {
        self.inside.statuses = self.picture.lists().statuses;
        let seen: BTreeSet<&AgentId> = self.inside.statuses.iter().map(|(agent, _)| agent).collect();
        self.inside.without_status = population.iter().filter(|agent| !seen.contains(*agent)).cloned().collect();
        if self.inside.standing(Right::Status) == Some(&Standing::Granted) && self.inside.statuses.is_empty() {
            self.set(Right::Status, missing(""));
        }
        let column = |is_there: bool| if is_there { Standing::Granted } else { missing("") };
        let unseen = |why: &str| Standing::Unknown { why: why.to_owned() };
        let [since, until, logged_in] = match &self.columns {
            Columns { any: false, .. } => ["no status was seen"; 3].map(unseen),
            // It is left out where a status has no end, too.
            Columns { since, until: false, logged_in, .. } => {
                [column(*since), unseen("nobody's status has an end at the moment"), column(*logged_in)]
            }
            Columns { since, until: true, logged_in, .. } => [column(*since), Standing::Granted, column(*logged_in)],
        };
        self.set(Right::TimeInStatus, since);
        self.set(Right::Until, until);
        self.set(Right::LoggedIn, logged_in);
    }

    fn judge_queues(
        &mut self,
        population: &BTreeSet<AgentId>,
        layout: &Layout,
        refusal: Option<&Error>,
        faults: &BTreeMap<String, String>,
    ) {
        let works = |id: &String| !faults.contains_key(id);
        let watched: BTreeSet<&AgentId> =
            layout.iter().filter(|(id, _)| works(id)).flat_map(|(_, agents)| agents).collect();
        self.inside.without_queues = population.iter().filter(|agent| !watched.contains(*agent)).cloned().collect();
        if watched.is_empty() && self.inside.standing(Right::UserQueues) == Some(&Standing::Granted) {
            let said = refusal.map(words).or_else(|| faults.values().next().cloned());
            self.set(Right::UserQueues, missing(&said.unwrap_or_default()));
        }
    }

    /// Notes what an answer says about a right, and goes on without it; only what ends the session is an error.
    fn stand<T>(&mut self, right: Right, answer: Result<T, Error>) -> Result<Option<T>, Error> {
        match answer {
            Ok(answer) => {
                self.set(right, Standing::Granted);
                Ok(Some(answer))
            }
            Err(error) => {
                let is_right = match right {
                    // A list is refused as a whole for somebody who may not be seen (icws.md §5.1, §7.1).
                    Right::Status | Right::UserQueues => matches!(error.status(), Some(400 | 403 | 404)),
                    Right::Users
                    | Right::Workgroups
                    | Right::StatusMessages
                    | Right::TimeInStatus
                    | Right::Until
                    | Right::LoggedIn
                    | Right::FeatureLicences => error.status() == Some(403),
                };
                let standing =
                    if is_right { missing(&words(&error)) } else { Standing::Unknown { why: chain(&error) } };
                self.set(right, standing);
                if error.ends_session() { Err(error) } else { Ok(None) }
            }
        }
    }

    fn set(&mut self, right: Right, standing: Standing) {
        let known = self.inside.rights.iter_mut().find(|(known, _)| *known == right);
        known.expect("all rights are in the list from the beginning").1 = standing;
    }
}

/// What came so far.
struct Heard {
    gathering: Gathering,
    /// Subscriptions that do not work, and what is said about it.
    faults: BTreeMap<String, String>,
}

fn gathering(session: &Session, config: &Config) -> Gathering {
    let apart = if session.can_stream { std::time::Duration::ZERO } else { rhythm(config).poll };
    Gathering::new(Instant::now(), list_patience(config), apart)
}

impl Columns {
    fn note(&mut self, patches: &[StatusPatch]) {
        for patch in patches {
            self.any = true;
            self.since |= patch.since.is_some();
            self.until |= patch.until.is_some();
            self.logged_in |= patch.logged_in.is_some();
        }
    }
}

fn missing(said: &str) -> Standing {
    Standing::Missing { said: said.to_owned() }
}

/// The server's own words.
fn words(error: &Error) -> String {
    match error {
        Error::Refused { refusal, .. } => refusal.words().to_owned(),
        // It takes the place of a refusal with the same meaning.
        other => chain(other),
    }
}
