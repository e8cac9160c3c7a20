/** Mail servers that take mail by SMTP and pass it on to ours: each alone in a folder, on a port of 127.0.0.1. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Daemon, freePort, root, run, startDaemon } from "./processes.ts";

/** Takes its folder, and the port to which it passes mail on. */
export type StartRelay = (folder: string, mx: number) => Promise<Daemon>;

const postfixServices = `
smtp unix - - n - - smtp
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
discard unix - - n - - discard
`;

const postfixQueues =
  "active bounce corrupt defer deferred flush hold incoming maildrop pid private public saved trace".split(
    " ",
  );

export const startPostfix: StartRelay = (folder, mx) =>
  runPostfix(
    folder,
    `relayhost = [127.0.0.1]:${mx}
smtp_tls_security_level = may
smtp_line_length_limit = 0
disable_mime_output_conversion = yes
`,
  );

/** Takes mail from this machine alone; the settings say what becomes of it. */
export async function runPostfix(folder: string, settings: string): Promise<Daemon> {
  const port = await freePort();
  const queue = join(folder, "queue");
  for (const name of ["data", "conf", ...postfixQueues.map((name) => `queue/${name}`)]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await run("chown", ["-R", "postfix", join(folder, "data"), queue]);
  // The folder of queues is root's own.
  await run("chown", ["root", queue, join(queue, "pid")]);
  await writeFile(
    join(folder, "conf/main.cf"),
    `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${folder}/data
daemon_directory = ${root}/usr/lib/postfix/sbin
command_directory = ${root}/usr/sbin
shlib_directory = ${root}/usr/lib/postfix
meta_directory = ${root}/etc/postfix
import_environment = LD_LIBRARY_PATH MAIL_CONFIG
setgid_group = postdrop
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
myhostname = relay.test
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_header_rewrite_clients =
smtpd_relay_restrictions = permit_mynetworks, reject
${settings}`,
  );
  await writeFile(
    join(folder, "conf/master.cf"),
    `127.0.0.1:${port} inet n - n - - smtpd\n${postfixServices}`,
  );
  return startDaemon(port, [`${root}/usr/lib/postfix/sbin/master`, "-c", join(folder, "conf")]);
}

/** With BDAT, whether the other end is known for it or not; mails over 998 octets a line pass. */
export const startExim: StartRelay = async (folder, mx) => {
  const port = await freePort();
  for (const name of ["spool", "log"]) await mkdir(join(folder, name));
  await run("chown", ["Debian-exim", join(folder, "spool"), join(folder, "log")]);
  const config = join(folder, "exim.conf");
  await writeFile(
    config,
    `primary_hostname = relay.test
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
pid_file_path = ${folder}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
deliver_drop_privilege = true
smtputf8_advertise_hosts = *
acl_smtp_rcpt = take
begin acl
take:
  accept
begin routers
on:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = on
begin transports
on:
  driver = smtp
  port = ${mx}
  allow_localhost
  hosts_try_chunking = *
  message_linelength_limit = 100000
`,
  );
  return startDaemon(port, [`${root}/usr/sbin/exim4`, "-C", config, "-bdf"]);
};

export const startOpenSmtpd: StartRelay = async (folder, mx) => {
  const port = await freePort();
  const config = join(folder, "smtpd.conf");
  await writeFile(
    config,
    `listen on 127.0.0.1 port ${port}
action out relay host smtp://127.0.0.1:${mx}
match from any for any action out
`,
  );
  // It insists on these places.
  await mkdir("/var/lib/opensmtpd/empty", { recursive: true });
  await chmod("/var/lib/opensmtpd/empty", 0o755);
  return startDaemon(port, [`${root}/usr/sbin/smtpd`, "-d", "-f", config]);
};

/** Passes connections on, not mails, and says by the PROXY protocol's version 2 from whom. */
export const startHaproxy: StartRelay = async (folder, mx) => {
  const port = await freePort();
  const config = join(folder, "haproxy.cfg");
  await writeFile(
    config,
    `defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend smtp
  bind 127.0.0.1:${port}
  default_backend mx
backend mx
  server mx 127.0.0.1:${mx} send-proxy-v2
`,
  );
  return startDaemon(port, ["haproxy", "-db", "-f", config]);
};
