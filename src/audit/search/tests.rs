use futures_executor::block_on;
use serde::Deserialize;

use super::*;
use crate::platform::native::database::Sqlite;

/// So many events, of ten people, ten tools and a hundred repositories; one in a hundred was denied, one in fifty is a
/// sign-in.
fn busy(count: i64) -> Sqlite {
    let database = Sqlite::migrated();
    let insert = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person, client_name, tool, resource,
            story)
        SELECT 'request-' || i, 'outcome', '', i / 3, iif(i % 50 = 0, 'sign_in', 'call'),
            iif(i % 100 = 1, 'denied', 'succeeded'), 1, 'person-' || (i % 10), 'client-' || (i % 4), 'tool-' || (i / 7 % 10),
            'acme/repository-' || (i % 100), iif(i % 3 = 0, 'acme/repository-' || (i % 100) || '#' || (i % 7), NULL) FROM n");
    block_on(database.batch(vec![insert.bind(count)])).unwrap();
    database
}

/// Everything that a filter finds, page after page.
fn all(database: &Sqlite, filter: &Filter) -> Vec<String> {
    let (mut found, mut filter) = (Vec::new(), filter.clone());
    loop {
        let page = block_on(search(database, &filter)).unwrap();
        found.extend(page.entries.into_iter().map(|entry| entry.request_id));
        match page.next {
            Some(next) => filter.after = Some(next),
            None => return found,
        }
    }
}

/// Every combination of the page's filters: some of nothing, some of much, some of little.
fn filters() -> Vec<Filter> {
    let mut filters = vec![Filter::default()];
    let mut cross = |change: &dyn Fn(&mut Filter)| {
        let changed = filters.iter().cloned().map(|mut filter| {
            change(&mut filter);
            filter
        });
        let changed: Vec<Filter> = changed.collect();
        filters.extend(changed);
    };
    cross(&|filter| filter.kind = Some(Kind::SignIn));
    cross(&|filter| filter.person = Some("person-0".into()));
    cross(&|filter| filter.client = Some("client-0".into()));
    cross(&|filter| filter.tool = Some("tool-3".into()));
    cross(&|filter| filter.resource = Some("acme/repository-0".into()));
    cross(&|filter| filter.story = Some("acme/repository-0#6".into()));
    cross(&|filter| filter.outcome = Some(Outcome::Denied));
    cross(&|filter| (filter.from, filter.until) = (Some(Timestamp(50)), Some(Timestamp(450))));
    filters
}

#[test]
fn every_filter_finds_what_a_look_at_every_event_finds() {
    #[derive(Deserialize)]
    struct Row {
        request_id: String,
    }
    let database = busy(1_500);
    for filter in filters() {
        let query = sql("SELECT request_id FROM events WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR person = ?2)
            AND (?3 IS NULL OR client_name = ?3) AND (?4 IS NULL OR tool = ?4) AND (?5 IS NULL OR resource = ?5)
            AND (?6 IS NULL OR outcome = ?6) AND at >= ?7 AND at < ?8 AND (?9 IS NULL OR story = ?9) ORDER BY at DESC, position DESC")
        .bind(filter.kind.map(Kind::name))
        .bind(filter.person.as_deref())
        .bind(filter.client.as_deref())
        .bind(filter.tool.as_deref())
        .bind(filter.resource.as_deref())
        .bind(filter.outcome.map(Outcome::name))
        .bind(filter.from.unwrap_or(Timestamp(0)))
        .bind(filter.until.unwrap_or(Timestamp(1 << 52)))
        .bind(filter.story.as_deref());
        let rows = block_on(database.batch(vec![query])).unwrap().remove(0).all::<Row>().unwrap();
        let expected: Vec<String> = rows.into_iter().map(|row| row.request_id).collect();
        assert_eq!(all(&database, &filter), expected, "{filter:?}");
    }
}

#[test]
fn every_page_goes_along_one_index_from_where_the_last_one_ended() {
    let database = Sqlite::migrated();
    for candidates in [BY_TIME, BY_PERSON, BY_CLIENT, BY_TOOL, BY_STORY, BY_RESOURCE, BY_KIND, BY_OUTCOME] {
        for text in [candidates.page, candidates.last] {
            let plan = database.plan(text);
            let is_along_an_index =
                |step: &String| step.starts_with("SEARCH events USING") && step.ends_with("at>? AND at<?)");
            assert!(plan.iter().any(is_along_an_index), "{plan:?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
        }
    }
}

#[test]
fn a_position_that_is_none_is_not_read() {
    for text in ["", "5", "x.1", "5.x"] {
        assert_eq!(Position::parse(text), None, "{text}");
    }
    let position = Position { at: Timestamp(5), position: 7 };
    assert_eq!(Position::parse(&position.to_string()), Some(position));
}
