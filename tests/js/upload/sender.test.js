// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { FIRST_PIECE, progressText, Sender, SendError } from "../../../pages/components/upload/sender.js";
import { FileStream } from "../../../pages/components/upload/stream.js";

/** A server that takes pieces as pages/server/sending.py does; `fail` may answer for it. */
class Server {
  constructor() {
    this.received = Buffer.alloc(0);
    this.list = "";
    /** @type {(method: string, body: Buffer) => Response|Error|void} */
    this.fail = () => {};
    this.sizes = /** @type {number[]} */ ([]);
  }

  /** @param {string} address @param {RequestInit} options */
  async fetch(address, { method = "GET", body }) {
    const bytes = body instanceof Blob ? Buffer.from(await body.arrayBuffer()) : Buffer.from(String(body ?? ""));
    const failure = this.fail(method, bytes);
    if (failure instanceof Error) throw failure;
    if (failure) return failure;
    if (method === "POST") this.list = String(bytes);
    if (method === "PUT") {
      assert.equal(new URL(address).searchParams.get("offset"), String(this.received.length));
      this.take(bytes);
    }
    return Response.json({ received: this.received.length });
  }

  /** @param {Buffer} bytes */
  take(bytes) {
    this.sizes.push(bytes.length);
    this.received = Buffer.concat([this.received, bytes]);
  }
}

const CONTENT = Buffer.from(Array.from({ length: 5 * FIRST_PIECE + 7 }, (_, i) => (i * 7919) % 251));

/** @param {import("node:test").TestContext} context @param {Server} server @param {Blob} [file] */
function senderTo(context, server, file = new Blob([CONTENT])) {
  context.mock.method(globalThis, "fetch", server.fetch.bind(server));
  context.mock.method(globalThis, "setTimeout", (/** @type {() => void} */ action) => queueMicrotask(action)); // no pauses
  const stopping = new AbortController();
  /** @type {import("../../../pages/components/upload/sender.js").Progress[]} */
  const reports = [];
  const stream = new FileStream([{ path: "pets.zip", file }]);
  return { sender: new Sender(stream, "http://server/sending/1", (now) => reports.push(now), stopping.signal, 3), reports, stopping };
}

test("the list and all bytes arrive, in growing pieces", async (context) => {
  const server = new Server();
  const { sender, reports } = senderTo(context, server);
  await sender.send();
  assert.equal(server.list, JSON.stringify({ files: [["pets.zip", CONTENT.length]], others: 3 }));
  assert.ok(server.received.equals(CONTENT));
  assert.ok(server.sizes[1] > server.sizes[0]);
  assert.equal(reports.at(-1)?.sent, CONTENT.length);
});

test("after a broken connection it goes on with what has arrived", async (context) => {
  const server = new Server();
  let calls = 0;
  server.fail = (method, bytes) => {
    calls += 1;
    if (method === "PUT" && calls === 4) {
      server.take(bytes.subarray(0, 100)); // half of the piece arrives
      return new TypeError("Failed to fetch");
    }
    return calls === 5 ? new TypeError("Failed to fetch") : calls === 6 ? new Response("", { status: 502 }) : undefined;
  };
  const { sender, reports } = senderTo(context, server);
  await sender.send();
  assert.ok(server.received.equals(CONTENT));
  assert.ok(reports.some(({ broken }) => broken));
});

test("if a proxy refuses large pieces, smaller ones are sent", async (context) => {
  const server = new Server();
  server.fail = (_, bytes) => (bytes.length > 100_000 ? new Response("", { status: 413 }) : undefined);
  await senderTo(context, server).sender.send();
  assert.ok(server.received.equals(CONTENT));
  assert.ok(Math.max(...server.sizes) <= 100_000);
});

test("the server's sentence ends it", async (context) => {
  const server = new Server();
  server.fail = (method) => (method === "PUT" ? Response.json({ error: "The disk is full." }, { status: 400 }) : undefined);
  await assert.rejects(senderTo(context, server).sender.send(), new SendError("The disk is full."));
});

test("a file that can no longer be read ends it", async (context) => {
  const server = new Server();
  server.fail = (method) => (method === "PUT" ? new TypeError("Failed to fetch") : undefined);
  const { sender } = senderTo(context, server);
  sender.stream.piece = () => /** @type {any} */ ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotReadableError")) });
  await assert.rejects(sender.send(), /“pets.zip” or a file after it can no longer be read/);
});

test("it stops when it is cancelled, also between two attempts", async (context) => {
  const server = new Server();
  const { sender, stopping } = senderTo(context, server);
  server.fail = (method) => {
    if (method !== "PUT") return undefined;
    stopping.abort();
    return new TypeError("Failed to fetch");
  };
  await assert.rejects(sender.send(), { name: "AbortError" });
  assert.equal(server.received.length, 0);
});

test("the progress is told in megabytes, with the rate and the time left", () => {
  assert.equal(progressText({ sent: 12e6, rate: 11e6, broken: false }, 342e6), "Sending: 12 MB of 342 MB · 11 MB/s · 30 s left");
  assert.equal(progressText({ sent: 0, rate: 1e6, broken: false }, 7.5e9), "Sending: 0 kB of 7.5 GB · 1 MB/s · 2 h 5 min left");
  assert.equal(progressText({ sent: 1e6, rate: 0, broken: true }, 2e6), "Sending: 1 MB of 2 MB · The connection is broken. Trying again…");
});
