//! The life of sessions: logon, time-out, end, and the faults that befall them.

use std::time::Duration;

use domain::ids::AgentId;
use serde_json::json;
use tokio::time::Instant;

use super::World;
use super::fault::Fault;
use super::session::{Keys, Session, Taken};
use super::user::Properties;

/// How many sessions that are over are remembered, to say so rather than that they never were.
const REMEMBERED: usize = 100;

impl World {
    /// Opens a session and returns its id: digits, as on a real server.
    pub(crate) fn open_session(&mut self, user: AgentId, application: String) -> String {
        let id = loop {
            let id = self.random.u32(1_000_000_000..2_000_000_000).to_string();
            if !self.sessions.contains_key(&id) {
                break id;
            }
        };
        let keys = Keys { cookie: self.guid(), csrf: self.csrf_token(&user, &application) };
        self.sessions.insert(id.clone(), Session::new(keys, user.clone(), application));
        self.let_agents_return();
        self.change_presence(&user, |user| user.sessions += 1);
        id
    }

    /// Those who are shown logged off find the server again, one after the other, now that it lets clients in.
    fn let_agents_return(&mut self) {
        let within = std::mem::take(&mut self.faults.logouts).div_f64(self.clock.speed());
        if within.is_zero() {
            return;
        }
        let out = self.users.iter().filter(|(_, user)| user.shown_out).map(|(id, _)| id.clone());
        for id in out.collect::<Vec<_>>() {
            self.returning.insert((Instant::now() + within.mul_f64(self.random.f64()), id));
        }
    }

    /// Shows those as they are who have found the server again.
    pub(super) fn tell_returned(&mut self, now: Instant) {
        while let Some((due, id)) = self.returning.first().cloned()
            && due <= now
        {
            self.returning.remove(&(due, id.clone()));
            if let Some(user) = self.users.get_mut(&id) {
                user.shown_out = false;
                self.tell_status(&id, Properties::LOGGED_IN | Properties::STATIONS | Properties::IC_SERVERS);
            }
        }
    }

    /// Opaque to clients; long, and base64 with all that may be in it, as a real one.
    fn csrf_token(&mut self, user: &AgentId, application: &str) -> String {
        use base64::Engine;
        let secret: String = (0..2).map(|_| self.guid()).collect();
        let text = format!("{}\u{1f}{application}\u{1f}{secret}\u{1f}127.0.0.1", user.as_str());
        base64::engine::general_purpose::STANDARD.encode(text)
    }

    /// Ends a session. What is queued can still be read.
    pub(crate) fn end_session(&mut self, id: &str, reason: &'static str) {
        let Some(session) = self.sessions.get_mut(id).filter(|session| session.ended().is_none()) else {
            return;
        };
        session.end(reason);
        let user = session.user.clone();
        self.change_presence(&user, |user| user.sessions = user.sessions.saturating_sub(1));
        self.ended.push_back(id.to_owned());
        if self.ended.len() > REMEMBERED
            && let Some(oldest) = self.ended.pop_front()
        {
            self.sessions.remove(&oldest);
        }
    }

    pub(crate) fn end_all_sessions(&mut self, reason: &'static str) {
        let ids: Vec<_> = self.sessions.keys().cloned().collect();
        for id in ids {
            self.end_session(&id, reason);
        }
    }

    pub(super) fn end_idle_sessions(&mut self, now: Instant) {
        let Some(timeout) = self.setup.idle_timeout else { return };
        let mut idle = Vec::new();
        for (id, session) in &mut self.sessions {
            if session.has_stream() {
                session.seen = now;
            } else if session.ended().is_none() && session.seen + timeout <= now {
                idle.push(id.clone());
            }
        }
        for id in idle {
            self.end_session(&id, "The session was idle for too long.");
        }
    }

    /// Events for the stream of a session.
    pub(crate) fn take_events(&mut self, session: &str, stream: u64) -> Taken {
        let silence = self.faults.silence;
        let now = Instant::now();
        let Some(session) = self.sessions.get_mut(session) else {
            return Taken::End;
        };
        session.seen = now;
        session.take_events(stream, now, silence)
    }

    fn push_to_all(&mut self, text: &str) {
        let visible = self.faults.visible();
        for session in self.sessions.values_mut().filter(|session| session.ended().is_none()) {
            session.push(text.to_owned(), visible);
        }
    }

    fn wake_all(&self) {
        for session in self.sessions.values() {
            session.wake();
        }
    }

    /// Lets something go wrong.
    pub(crate) fn inject(&mut self, fault: Fault) {
        match fault {
            Fault::Drop => {
                for session in self.sessions.values_mut() {
                    session.cut_stream();
                }
            }
            Fault::Delay { milliseconds } => self.faults.delay = Duration::from_millis(milliseconds),
            Fault::KillSession => self.end_all_sessions("The session was ended by an administrator."),
            Fault::Switchover { seconds, hosts, logouts } => self.switch_over(seconds, hosts, logouts),
            Fault::Status { status, requests, path } => self.faults.refuse(status, requests, path),
            Fault::LostPoll { answers } => self.faults.lost_polls = answers,
            Fault::Malformed => {
                self.push_to_all("{\"__type\":\"urn:inin.com:status:userStatusMessage\",\"isDelta\":tr")
            }
            Fault::Oversized { bytes } => {
                let text = json!({"__type": "urn:inin.com:status:userStatusMessage", "isDelta": true,
                    "userStatusList": [{"userId": "nobody", "statusId": "Available", "notes": "x".repeat(bytes)}]});
                self.push_to_all(&text.to_string());
            }
            Fault::UnknownType => {
                self.push_to_all(
                    "{\"__type\":\"urn:inin.com:simulator:unheardOfMessage\",\"isDelta\":true,\"what\":1}",
                );
            }
            Fault::Message { text } => self.push_to_all(&text.replace(['\r', '\n'], " ")),
            Fault::Silence => self.faults.silence = true,
            Fault::EmptySnapshot => self.send_snapshot(usize::MAX),
            Fault::ShortSnapshot { every } => self.send_snapshot(every),
            Fault::Logouts { every } => self.log_off(every),
            Fault::FaultedSubscription { subscription } => self.fault_queues(subscription.as_deref()),
            Fault::Heal => {
                let healed = std::mem::take(&mut self.faults);
                for user in healed.logged_off {
                    self.change_presence(&user, |user| user.at_desk = true);
                }
            }
        }
        self.wake_all();
    }

    fn switch_over(&mut self, seconds: u64, hosts: Vec<String>, logouts: u64) {
        let hosts = if hosts.is_empty() { self.setup.alternate_hosts.clone() } else { hosts };
        let end = self.clock.elapsed() + Duration::from_secs(seconds);
        self.faults.switchover = Some((end, hosts));
        if logouts > 0 {
            self.faults.logouts = Duration::from_secs(logouts);
            for user in self.users.values_mut().filter(|user| !user.service) {
                user.shown_out = user.logged_in();
            }
        }
        let message = json!({"__type": "urn:inin.com:connection:connectionStateChangeMessage", "isDelta": true,
            "previousConnectionState": 1, "newConnectionState": 2, "reason": "The server is switching over.",
            "shouldReconnect": true});
        self.push_to_all(&message.to_string());
        self.end_all_sessions("The server is switching over.");
    }

    /// A whole list of statuses with every so many of the agents who are watched; none of fewer agents than that.
    fn send_snapshot(&mut self, every: usize) {
        let visible = self.faults.visible();
        let every = every.max(1);
        for session in self.sessions.values_mut() {
            let Some(watch) = &session.watches.statuses else { continue };
            let shown = watch.users.iter().skip(every - 1).step_by(every).filter_map(|id| self.users.get(id));
            let (server, withheld) = (&self.setup.server, &self.withheld);
            let shown = shown.map(|user| user.status_to_wire(watch.properties, false, server, withheld));
            let text = json!({"__type": "urn:inin.com:status:userStatusMessage", "isDelta": false,
                "userStatusList": shown.collect::<Vec<_>>()});
            session.push(text.to_string(), visible);
        }
    }

    /// Logs off every so many of those who are at their desks, and remembers them.
    fn log_off(&mut self, every: usize) {
        let here = self.users.iter().filter(|(_, user)| !user.service && user.at_desk);
        let leaving: Vec<AgentId> = here.map(|(id, _)| id.clone()).step_by(every.max(1)).collect();
        for id in &leaving {
            self.change_presence(id, |user| user.at_desk = false);
        }
        self.faults.logged_off.extend(leaving);
    }

    fn fault_queues(&mut self, only: Option<&str>) {
        let visible = self.faults.visible();
        for session in self.sessions.values_mut() {
            let mut texts = Vec::new();
            for (id, watch) in session.watches.queue_watches().filter(|(id, _)| only.is_none_or(|only| only == *id)) {
                watch.faulted = true;
                let message = json!({"__type": "urn:inin.com:queues:queueSubscriptionStateMessage", "isDelta": true,
                    "subscriptionId": id, "state": 3,
                    "error": {"errorId": "error.queues.subscriptionFaulted", "message": "The subscription has failed."}});
                texts.push(message.to_string());
            }
            for text in texts {
                session.push(text, visible);
            }
        }
    }
}
