"use strict";

const $ = (id) => document.getElementById(id);
const rooms = new Map(); // name -> { lines: [element], here: Set, unread: number }
let socket = null;
let nick = null; // what the server calls us
let wanted = null; // what to do when the connection is there: { nick, rooms }
let current = null;
let pause = 500; // until the next try to connect, in ms
let left = false; // whether the server has said goodbye for good

const send = (line) => socket?.readyState === WebSocket.OPEN && socket.send(line);

function show(state) {
  $("state").textContent = state ?? "";
  $("state").hidden = !state;
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/socket`);
  socket.onopen = () => {
    pause = 500;
    show(null);
    send(`/nick ${wanted.nick}`);
  };
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onclose = () => {
    nick = null;
    if (left) return;
    show(`Disconnected. Trying again in ${Math.round(pause / 100) / 10} s …`);
    setTimeout(() => { show("Connecting …"); connect(); }, pause);
    pause = Math.min(pause * 2, 15000);
  };
}

function receive(event) {
  const room = event.room && rooms.get(event.room);
  switch (event.type) {
    case "named":
      nick = event.nick;
      $("error").textContent = "";
      wanted.nick = nick;
      for (const name of wanted.rooms) send(`/join ${name}`);
      break;
    case "joined":
      if (event.nick === nick && !room) enter(event.room);
      rooms.get(event.room).here.add(event.nick);
      quiet(event.room, `${event.nick} joined`);
      break;
    case "left":
      room?.here.delete(event.nick);
      quiet(event.room, `${event.nick} ${event.why}`);
      break;
    case "renamed":
      if (room?.here.delete(event.from)) room.here.add(event.to);
      quiet(event.room, `${event.from} is now ${event.to}`);
      break;
    case "who":
      if (room) room.here = new Set(event.nicks);
      break;
    case "history":
      // After a reconnection: what was shown is in it, unless the server has begun anew.
      if (room && event.lines.length) room.lines = event.lines.map(said);
      break;
    case "said":
      add(event.room, said(event));
      break;
    case "private":
      add(current, line("private", `${event.from} to ${event.to}`, event.text));
      break;
    case "notice":
      break;
    case "failed":
      failed(event);
      break;
    case "bye":
      if (/going down/.test(event.text)) break; // it may come back
      left = true;
      show(`Disconnected: ${event.text}. Reload to come back.`);
      break;
    case "rooms":
      quiet(current, event.rooms.map((r) => `${r.room} (${r.members})`).join(", "));
      break;
  }
  draw();
}

function failed({ code, text }) {
  if (nick) {
    $("error").textContent = text;
    return;
  }
  // Not in yet: back to the form, with the reason.
  left = true;
  socket.close();
  $("refused").textContent = text;
  $("entry").hidden = false;
  $("talk").hidden = true;
  show(null);
  if (code === "nick_taken") $("nick").focus();
}

function enter(name) {
  rooms.set(name, { lines: [], here: new Set(), unread: 0 });
  if (!wanted.rooms.includes(name)) wanted.rooms.push(name);
  current = name;
  $("entry").hidden = true;
  $("talk").hidden = false;
  $("text").focus();
}

function line(kind, who, text) {
  const item = document.createElement("li");
  item.className = kind;
  if (who) {
    const name = document.createElement("b");
    name.textContent = who;
    item.append(name, " ");
  }
  item.append(text);
  return item;
}

const said = ({ nick, text }) => line("said", nick, text);
const quiet = (room, text) => add(room, line("quiet", null, text));

function add(name, item) {
  const room = rooms.get(name);
  if (!room) return;
  room.lines.push(item);
  if (room.lines.length > 500) room.lines.shift();
  if (name !== current) room.unread += 1;
}

function draw() {
  const room = rooms.get(current);
  if (!room) return;
  room.unread = 0;
  $("rooms").replaceChildren(...[...rooms].map(([name, { unread }]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = unread ? `${name} (${unread})` : name;
    button.ariaCurrent = name === current;
    button.onclick = () => { current = name; $("error").textContent = ""; draw(); };
    return button;
  }));
  $("here").textContent = `Here: ${[...room.here].sort().join(", ")}`;
  const list = $("lines");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.replaceChildren(...room.lines);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

$("entry").onsubmit = (event) => {
  event.preventDefault();
  $("refused").textContent = "";
  wanted = { nick: $("nick").value.trim(), rooms: [$("room").value.trim()] };
  left = false;
  rooms.clear();
  show("Connecting …");
  connect();
};

$("say").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value;
  $("error").textContent = "";
  if (!text.trim()) return;
  if (!nick) {
    $("error").textContent = "Not sent: there is no connection.";
    return;
  }
  send(text.startsWith("/") && !text.startsWith("//") ? text : `/say ${current} ${text}`);
  $("text").value = "";
};

$("more").onclick = () => {
  const name = prompt("Which room?");
  if (name?.trim()) send(`/join ${name.trim()}`);
};
