import type { Socket } from "node:net";
import type { Envelope } from "../mail/messages.ts";
import { type FindContext, startTls } from "./tls-socket.ts";

/**
 * Why a socket is not read: the store has not answered, or something else that was asked has not; there is no room, the
 * client does not read, or must wait.
 */
export type Hold = "store" | "answer" | "room" | "client" | "delay";

type OnSecure = (tls: NonNullable<Envelope["tls"]>) => void;

/** A socket as a session uses it: what is said leaves in one write, and what comes can be held back. */
export class Wire {
  #socket: Socket;
  readonly #read: (octets: Buffer) => void;
  readonly #holds = new Set<Hold>();
  #out = "";
  #octets = 0;
  #state: "open" | "secure-next" | "handshake" | "close-next" | "closing" = "open";
  #secure: () => Socket = () => this.#socket;

  constructor(socket: Socket, read: (octets: Buffer) => void) {
    this.#socket = socket;
    this.#read = read;
    this.#listen(socket);
  }

  /** Read so far. */
  get octets(): number {
    return this.#octets;
  }

  get isHandshaking(): boolean {
    return this.#state === "handshake";
  }

  get isClosing(): boolean {
    return this.#state === "close-next" || this.#state === "closing";
  }

  /** Leaves with the next {@link flush}. */
  write(text: string): void {
    this.#out += text;
  }

  /** The next flush is the last. */
  close(): void {
    this.#state = "close-next";
  }

  /** The next flush is the last in the clear. What was read already is forgotten. */
  secure(findContext: FindContext, onSecure: OnSecure): void {
    this.#state = "secure-next";
    this.#secure = () =>
      startTls(this.#socket, findContext, (tls) => {
        this.#state = "open";
        onSecure(tls);
      });
  }

  flush(): void {
    const [socket, out] = [this.#socket, this.#out];
    this.#out = "";
    if (this.#state === "secure-next") {
      this.#state = "handshake";
      socket.removeAllListeners("data").pause();
      socket.write(out, "latin1", () => {
        if (socket.destroyed) return;
        this.#socket = this.#secure();
        this.#listen(this.#socket);
      });
    } else if (this.#state === "close-next") {
      this.#state = "closing";
      // What still comes is read and let go, so that a reset does not overtake the last reply.
      this.#holds.clear();
      socket.resume();
      socket.end(out, "latin1");
    } else if (out !== "" && !socket.write(out, "latin1")) this.hold("client");
  }

  isHeld(why: Hold): boolean {
    return this.#holds.has(why);
  }

  hold(why: Hold): void {
    this.#holds.add(why);
  }

  release(why: Hold): void {
    if (this.#holds.delete(why) && this.#holds.size === 0 && this.#socket.isPaused()) this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on("data", (octets: Buffer) => {
      this.#octets += octets.length;
      this.#read(octets);
      // Not before: most clients wait for their reply anyway, and need not be stopped.
      if (this.#holds.size > 0) this.#socket.pause();
    });
    socket.on("drain", () => this.release("client"));
    // Whatever it was, "close" follows, and says enough.
    socket.on("error", () => undefined);
    socket.resume();
  }
}
