//! What signals say within a window: counts, travel, what is new.

use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_780_000_000 + minutes * 60).unwrap()
}

fn minutes(count: i128) -> Duration {
    Duration::from_nanos(count * 60_000_000_000)
}

fn signal(id: &str, kind: &str, minute: i64) -> Signal {
    Signal::new(id, EntityRef::new(Name::new("user").unwrap(), "tara"), Name::new(kind).unwrap(), at(minute))
}

fn on(device: &str, id: &str, kind: &str, minute: i64) -> Signal {
    Signal { device: Some(device.to_owned()), ..signal(id, kind, minute) }
}

fn seen(signals: impl IntoIterator<Item = Signal>) -> Seen {
    let mut seen = Seen::default();
    signals.into_iter().for_each(|signal| {
        seen.take_in(Arc::new(signal));
    });
    seen
}

fn place(latitude: &str, longitude: &str) -> Option<Position> {
    Position::new(Number::parse(latitude)?, Number::parse(longitude)?)
}

const MUMBAI: (&str, &str) = ("19.0760", "72.8777");
const NEW_YORK: (&str, &str) = ("40.7128", "-74.0060");
const PUNE: (&str, &str) = ("18.5204", "73.8567");
const THANE: (&str, &str) = ("19.2183", "72.9781");

fn from((latitude, longitude): (&str, &str), id: &str, kind: &str, minute: i64) -> Signal {
    Signal { position: place(latitude, longitude), ..signal(id, kind, minute) }
}

fn speed(signals: &[Signal], now: i64) -> i64 {
    let told = seen(signals.to_vec()).travel(minutes(24 * 60), at(now)).to_string();
    told.split('.').next().and_then(|whole| whole.parse().ok()).unwrap()
}

#[test]
fn failures_count_within_the_window_alone() {
    let months = seen((0..5).map(|month| signal(&format!("f{month}"), "login_failed", month * 43_200)));
    let now = 4 * 43_200;
    assert_eq!(months.count("login_failed", minutes(15), at(now)), 1, "five failures over five months");
    let burst = seen((0..5).map(|minute| signal(&format!("f{minute}"), "login_failed", minute)));
    assert_eq!(burst.count("login_failed", minutes(15), at(4)), 5);
    assert_eq!(burst.count("login_failed", minutes(4), at(4)), 4, "what is as old as the window is outside");
    assert_eq!(burst.count("login_failed", minutes(15), at(2)), 3, "as of then, nothing later counts");
    assert_eq!(burst.count("login", minutes(15), at(4)), 0);
}

#[test]
fn the_same_signal_counts_once_and_order_of_arrival_does_not_matter() {
    let one = [signal("a", "login", 1), signal("b", "login", 3), signal("c", "login", 2)];
    let mut other = one.clone();
    other.reverse();
    assert_eq!(seen(one.clone()).signals(), seen(other).signals());
    let twice = seen(one.iter().chain(&one).cloned());
    assert_eq!((twice.signals().len(), twice.total()), (3, 3));
}

#[test]
fn a_distance_is_that_of_the_great_circle() {
    let (mumbai, new_york) = (place(MUMBAI.0, MUMBAI.1).unwrap(), place(NEW_YORK.0, NEW_YORK.1).unwrap());
    let km = mumbai.distance_km(new_york);
    // 12,533 km on a sphere of 6,371 km, by the spherical law of cosines.
    let radians = |text: &str| text.parse::<f64>().unwrap().to_radians();
    let (a, b) = (radians(MUMBAI.0), radians(NEW_YORK.0));
    let turn = radians(MUMBAI.1) - radians(NEW_YORK.1);
    let other = (a.sin() * b.sin() + a.cos() * b.cos() * turn.cos()).acos() * 6371.0;
    assert!((km - other).abs() < 0.01, "{km} {other}");
    assert!((12_400.0..12_700.0).contains(&km), "{km}");
    assert!(mumbai.distance_km(mumbai) < 1e-9);
    for (latitude, longitude) in [("90.1", "0"), ("0", "180.1"), ("-91", "0")] {
        assert_eq!(place(latitude, longitude), None);
    }
}

#[test]
fn a_failed_try_in_between_hides_no_travel() {
    let story = [
        from(MUMBAI, "1", "login", 0),
        from(MUMBAI, "2", "login_failed", 30),
        from(NEW_YORK, "3", "login", 60),
    ];
    assert!(speed(&story, 60) > 20_000, "12,500 km in half an hour");
    // The neighbour: the same way in a day is a flight.
    let flight = [from(MUMBAI, "1", "login", 0), from(NEW_YORK, "3", "login", 18 * 60)];
    assert!((600..1000).contains(&speed(&flight, 18 * 60)));
}

#[test]
fn two_places_at_once_are_the_fastest_travel_and_a_suburb_is_none() {
    assert_eq!(speed(&[from(MUMBAI, "1", "login", 5), from(NEW_YORK, "2", "login", 5)], 5), 1_000_000);
    assert_eq!(speed(&[from(MUMBAI, "1", "login", 5), from(THANE, "2", "login", 5)], 5), 0, "19 km");
    assert_eq!(
        speed(&[from(MUMBAI, "1", "login", 0), from(PUNE, "2", "login", 180)], 180),
        40,
        "120 km, 3 h"
    );
}

#[test]
fn what_comes_in_unsorted_is_sorted_and_what_has_no_place_is_nowhere() {
    let story = [from(NEW_YORK, "3", "login", 60), signal("2", "login", 30), from(MUMBAI, "1", "login", 0)];
    let told = speed(&story, 60);
    assert!((12_000..13_000).contains(&told), "{told}");
    assert_eq!(speed(&[from(MUMBAI, "1", "login", 0), signal("2", "login", 1)], 1), 0);
    assert_eq!(speed(&story, 30), 0, "as of then, nobody was in New York yet");
}

#[test]
fn the_first_device_enrols_and_the_second_is_new_until_it_is_seen_again() {
    let mut story = vec![on("d1", "1", "login", 0)];
    assert!(!seen(story.clone()).is_new(Trait::Device, at(0)), "the first ever");
    story.push(on("d2", "2", "login", 1));
    assert!(seen(story.clone()).is_new(Trait::Device, at(1)));
    assert!(!seen(story.clone()).is_new(Trait::Device, at(0)), "as of then");
    story.push(signal("3", "denial", 2));
    assert!(seen(story.clone()).is_new(Trait::Device, at(2)), "what shows no device says nothing of one");
    story.push(on("d2", "4", "login", 3));
    assert!(!seen(story.clone()).is_new(Trait::Device, at(3)));
    assert!(!seen([]).is_new(Trait::Device, at(3)));
}

#[test]
fn a_failure_makes_nothing_familiar() {
    let story =
        [on("d1", "1", "login", 0), on("d2", "2", "login_failed", 1), on("d2", "3", "login_failed", 2)];
    assert!(seen(story.clone()).is_new(Trait::Device, at(2)));
    assert!(seen(story.into_iter().chain([on("d2", "4", "login", 3)])).is_new(Trait::Device, at(3)));
}

#[test]
fn three_devices_in_an_hour_are_three() {
    let story = [
        on("d1", "1", "login", 0),
        on("d2", "2", "login", 20),
        on("d1", "3", "login", 30),
        on("d3", "4", "login", 50),
    ];
    assert_eq!(seen(story.clone()).distinct(Trait::Device, minutes(60), at(50)), 3);
    assert_eq!(seen(story.clone()).distinct(Trait::Device, minutes(25), at(50)), 2);
    assert_eq!(seen(story).distinct(Trait::Tool, minutes(60), at(50)), 0);
}

#[test]
fn the_last_change_of_risk_counts_and_high_risk_ends_sessions() {
    let change = |risk, id, minute| Signal { risk: Some(risk), ..signal(id, RISK_LEVEL_CHANGE, minute) };
    let story = seen([change(Risk::High, "1", 5), change(Risk::Low, "2", 9), change(Risk::Medium, "0", 2)]);
    assert_eq!(story.risk(at(9)), Some(Risk::Low));
    assert_eq!(story.risk(at(6)), Some(Risk::High));
    assert_eq!(story.risk(at(1)), None);
    assert!(change(Risk::High, "1", 5).ends_sessions() && !change(Risk::Medium, "1", 5).ends_sessions());
    assert!(signal("1", "session_revoked", 7).ends_sessions() && !signal("1", "login", 7).ends_sessions());
}

#[test]
fn what_is_let_go_stays_familiar_and_keeps_its_risk() {
    let mut story = seen([Signal { risk: Some(Risk::High), ..on("d1", "first", RISK_LEVEL_CHANGE, 0) }]);
    for minute in 1..=i64::try_from(crate::limits::MAX_SIGNALS).unwrap() {
        story.take_in(Arc::new(signal(&format!("s{minute}"), "login", minute)));
    }
    assert_eq!(story.signals().len(), crate::limits::MAX_SIGNALS);
    assert_eq!(story.risk(at(9_999)), Some(Risk::High));
    story.take_in(Arc::new(on("d1", "again", "login", 9_000)));
    assert!(!story.is_new(Trait::Device, at(9_999)));
    story.take_in(Arc::new(on("d2", "other", "login", 9_001)));
    assert!(story.is_new(Trait::Device, at(9_999)));
    assert!(!story.take_in(Arc::new(signal("too old", "login", -1))));
}

#[test]
fn a_token_at_two_addresses_is_seen_and_at_one_it_is_not() {
    let shown = |address: &str, token: &str, id: &str, minute| Signal {
        address: Some(address.to_owned()),
        token: Some(token.to_owned()),
        ..signal(id, "token_used", minute)
    };
    let all = seen([
        shown("10.0.0.1", "t1", "a", 1),
        shown("10.0.0.1", "t1", "b", 2),
        shown("203.0.113.9", "t1", "c", 3),
        shown("10.0.0.1", "t2", "d", 4),
        signal("e", "token_used", 5),
    ]);
    assert_eq!(all.token_addresses("t1", minutes(60), at(10)), 2);
    assert_eq!(all.token_addresses("t1", minutes(60), at(2)), 1, "as of then");
    assert_eq!(all.token_addresses("t2", minutes(60), at(10)), 1);
    assert_eq!(all.token_addresses("t3", minutes(60), at(10)), 0);
}

#[test]
fn what_was_seen_and_what_was_done_count_together() {
    let step = |id: &str, tool: &str, hops, minute| Signal {
        tool: Some(tool.to_owned()),
        hops: Some(hops),
        ..signal(id, TOOL_USED, minute)
    };
    let mut done = Seen::default();
    for (id, tool, hops, minute) in [("s1", "mail", 1, 1), ("s2", "mail", 3, 4)] {
        assert!(done.take_in_own(Arc::new(step(id, tool, hops, minute))));
        assert!(!done.take_in_own(Arc::new(step(id, tool, hops, minute))), "the same again");
    }
    let reported = seen([step("r1", "calendar", 2, 3)]);
    let all = reported.with(&done);
    assert_eq!(all.count(TOOL_USED, minutes(60), at(10)), 3);
    assert_eq!(all.distinct(Trait::Tool, minutes(60), at(10)), 2);
    assert_eq!(
        (all.hops(minutes(60), at(10)), all.hops(minutes(60), at(3)), all.hops(minutes(2), at(10))),
        (3, 2, 0)
    );
    assert!(!all.is_new(Trait::Tool, at(10)));
    assert!(
        reported.with(&Seen::default()).is_new(Trait::Tool, at(10)) == reported.is_new(Trait::Tool, at(10))
    );
    assert_eq!(all.total(), 3);
}

#[test]
fn what_was_familiar_to_whoever_bore_an_id_before_is_news_of_whoever_bears_it_now() {
    let logins = [on("phone", "1", "login", 1), on("laptop", "2", "login", 2)];
    let same = seen(logins.clone().into_iter().chain([on("phone", "4", "login", 9)]));
    assert!(!same.is_new(Trait::Device, at(10)), "the phone is known");
    for kind in [ENTITY_REMOVED, ACCOUNT_PURGED] {
        let other = logins.clone().into_iter().chain([signal("3", kind, 5), on("phone", "4", "login", 9)]);
        let first = seen(other.clone());
        assert!(!first.is_new(Trait::Device, at(10)), "the first ever is no news: {kind}");
        let second = seen(other.chain([on("laptop", "5", "login", 10)]));
        assert!(second.is_new(Trait::Device, at(10)), "the laptop was somebody else's: {kind}");
        assert!(second.clone().signals().iter().any(|held| held.ends_the_party()));
    }
}
