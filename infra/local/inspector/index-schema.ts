/**
 * The inspector's index. It is made of what `events.jsonl` says, so it is never migrated: another schema is another file.
 * What a search reads is kept apart from the rest, so that it reads little.
 */
export const indexSchema = `
  create table entries (
    seq integer primary key autoincrement,
    id text not null, -- '' for a refused transaction
    at integer not null,
    state text not null,
    sender text not null,
    recipients text not null,
    subject text not null,
    routes text not null,
    endpoints text not null,
    verdicts text not null,
    is_verified integer not null,
    has_attachment integer not null,
    is_replayed integer not null -- and that webhook was sent
  );
  create unique index entries_by_id on entries (id) where id <> '';
  create index entries_by_state on entries (state, seq);

  create table summaries (
    seq integer primary key references entries (seq) on delete cascade,
    json text not null
  );

  create table events (
    number integer primary key,
    seq integer not null references entries (seq) on delete cascade,
    endpoint text, -- of an attempt to deliver
    json text not null
  );
  create index events_by_seq on events (seq, number);
  create index events_by_endpoint on events (endpoint, number) where endpoint is not null;

  -- What client and server said to each other.
  create table transcripts (
    seq integer primary key references entries (seq) on delete cascade,
    json text not null
  );

  create table verdicts (
    id text primary key,
    json text not null
  );

  create table posts (
    webhook_id text primary key,
    number integer not null, -- grows with every post
    json text not null
  );
  create index posts_by_number on posts (number);

  create table position (bytes integer not null);
  insert into position values (0);
`;
