/**
 * The embedded database, as the steps that made it: step n takes it from version n to n + 1. Steps are only ever added.
 * Bodies lie in tables of their own or in the last column, since SQLite writes a row whole whenever part of it changes.
 */
export const schemaSteps: readonly string[] = [
  `
  create table objects (
    id integer primary key autoincrement, -- grows with every write: the event's sequencer
    key text not null unique,
    size integer not null,
    content_type text not null,
    metadata text not null,
    file integer unique, -- the number of the file that has the bytes; null where \`body\` has them
    body blob
  );

  create table messages (
    id integer primary key autoincrement, -- never used twice, so a spent receipt fits no other message
    queue text not null,
    group_id text not null, -- '' for none
    sent_at integer not null,
    visible_at integer not null,
    receive_count integer not null,
    is_held integer not null -- received, and since then neither deleted nor given another visibility
  );
  create index messages_by_turn on messages (queue, group_id, visible_at);
  create index messages_held on messages (queue, group_id, visible_at) where is_held;

  create table bodies (
    message_id integer primary key references messages (id) on delete cascade,
    body text not null,
    attributes text not null
  );
  `,
];
