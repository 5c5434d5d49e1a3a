/** How the chat looks: one palette for light, one for dark, one type scale, a grid of 4 px. */
const CSS = `
:host { all: initial; }
* { box-sizing: border-box; margin: 0; font: inherit; color: inherit; letter-spacing: inherit; }
[hidden] { display: none !important; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.chat {
  --paper: #faf6f0; --surface: #fff; --ink: #2a211c; --muted: #6b5e55; --line: #e8dfd4;
  --accent: #a53e26; --on-accent: #fff; --tint: #f6e9e2;
  --calm: #eef3ea; --on-calm: #35542f; --warn: #fdf0d0; --on-warn: #6a4700; --bad: #b3261e;
  --shadow: 0 1px 2px rgb(60 35 20 / 8%), 0 12px 40px rgb(60 35 20 / 18%);
  --small: 13px; --body: 15px; --large: 17px; --title: 22px;
  --side: right; --gap: 20px;
  color-scheme: light;
  font: 400 var(--body)/1.45 Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color: var(--ink);
}
.chat[data-theme="dark"] {
  --paper: #181513; --surface: #25201c; --ink: #f4ece3; --muted: #b9ab9e; --line: #3d352f;
  --accent: #ea8f74; --on-accent: #23110a; --tint: #33261f;
  --calm: #222b20; --on-calm: #bcd8b3; --warn: #3a2e12; --on-warn: #f5dc9f; --bad: #ff9388;
  --shadow: 0 0 0 1px #3d352f, 0 12px 40px rgb(0 0 0 / 55%);
  color-scheme: dark;
}
svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
button { background: none; border: 0; padding: 0; cursor: pointer; -webkit-tap-highlight-color: transparent; }
button:disabled { cursor: default; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
a { color: inherit; text-decoration: underline; text-underline-offset: 2px; overflow-wrap: anywhere; }

.launcher {
  position: fixed; z-index: 2147483000; bottom: calc(var(--gap) + env(safe-area-inset-bottom)); right: var(--gap);
  width: 60px; height: 60px; border-radius: 50%; display: grid; place-items: center;
  background: var(--accent); color: var(--on-accent); box-shadow: var(--shadow);
}
.left .launcher, .left .panel { right: auto; left: var(--gap); }
.launcher span { display: grid; }
.launcher svg { width: 28px; height: 28px; stroke-width: 1.6; }
.launcher:focus-visible { outline-offset: 4px; }
.badge {
  position: absolute; top: -2px; right: -2px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: var(--ink); color: var(--paper); border: 2px solid var(--paper); font-size: 12px; font-weight: 600; line-height: 18px; text-align: center;
}

.panel {
  position: fixed; z-index: 2147483001; right: var(--gap); bottom: calc(var(--gap) + 72px + env(safe-area-inset-bottom));
  width: 392px; height: min(720px, calc(100dvh - var(--gap) * 2 - 72px));
  display: flex; flex-direction: column; overflow: hidden; border-radius: 20px;
  background: var(--paper); box-shadow: var(--shadow); outline: 0;
}

.head { display: flex; align-items: center; gap: 12px; padding: 12px 12px 12px 16px; background: var(--surface); border-bottom: 1px solid var(--line); }
.avatar { flex: none; width: 28px; height: 28px; border-radius: 50%; display: grid; place-items: center; background: var(--accent); color: var(--on-accent); }
.avatar svg { width: 16px; height: 16px; }
.head .avatar { width: 40px; height: 40px; }
.head .avatar svg { width: 22px; height: 22px; }
.name { flex: 1; min-width: 0; }
.name h2 { font-size: var(--large); font-weight: 650; line-height: 1.25; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.status { display: flex; align-items: center; gap: 6px; font-size: var(--small); color: var(--muted); }
.status::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: #5f9a52; }
.status[data-owner="queued"]::before { background: #d99a1f; }
.status[data-owner="closed"]::before, .status[data-line="offline"]::before { background: var(--muted); }
.tool { flex: none; width: 40px; height: 40px; border-radius: 12px; display: grid; place-items: center; font-size: var(--small); font-weight: 600; color: var(--muted); }
.tool:hover { background: var(--tint); color: var(--ink); }

.notice { padding: 8px 16px; font-size: var(--small); text-align: center; background: var(--calm); color: var(--on-calm); }
.notice.warning { background: var(--warn); color: var(--on-warn); }

.scroll { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 16px; outline-offset: -2px; }
.scroll::before { content: ""; display: block; }
.rows { display: flex; flex-direction: column; }
.row { display: grid; grid-template-columns: 28px minmax(0, 1fr); column-gap: 8px; margin-top: 4px; }
.row.first { margin-top: 16px; }
.rows > .row:first-child { margin-top: 0; }
.row > * { grid-column: 2; }
.row > .avatar { grid-column: 1; grid-row: 2; align-self: start; margin-top: 4px; visibility: hidden; }
.row.first > .avatar { visibility: visible; }
.row.agent > .avatar { background: var(--ink); color: var(--paper); }
.day { grid-column: 1 / -1 !important; grid-row: 1; justify-self: center; margin: 4px 0 12px; padding: 2px 12px; border-radius: 10px; background: var(--tint); color: var(--muted); font-size: 12px; font-weight: 500; }
.day::first-letter { text-transform: uppercase; }
.bubble {
  grid-row: 2; justify-self: start; max-width: 92%; padding: 8px 12px; border-radius: 6px 16px 16px 6px;
  background: var(--surface); border: 1px solid var(--line); overflow-wrap: anywhere;
}
.text { white-space: pre-wrap; text-wrap: pretty; font-variant-numeric: tabular-nums; }
.row.first .bubble { border-top-left-radius: 16px; }
.row.last .bubble { border-bottom-left-radius: 16px; }
.row.first:not(.last) .bubble { border-bottom-left-radius: 6px; }
.row.first .bubble { border-top-left-radius: 4px; }
.customer > .bubble, .customer > .meta { justify-self: end; }
.customer > .avatar { display: none; }
.customer { grid-template-columns: 36px minmax(0, 1fr); column-gap: 0; }
.row.customer .bubble { max-width: 100%; background: var(--accent); border-color: transparent; color: var(--on-accent); border-radius: 16px 6px 6px 16px; }
.row.customer.first .bubble { border-top-right-radius: 16px; }
.row.customer.last .bubble { border-bottom-right-radius: 4px; }
.customer ::selection { background: var(--ink); color: var(--paper); }
.row.customer[data-fate="refused"] .bubble { background: var(--tint); border: 1px dashed var(--bad); color: var(--ink); }
.meta { grid-row: 3; display: none; align-items: center; gap: 4px; min-height: 20px; margin-top: 2px; padding: 0 4px; font-size: 12px; color: var(--muted); }
.row.last .meta, .row:not([data-fate="sent"]).customer .meta { display: flex; }
.meta svg { display: block; width: 14px; height: 14px; }
[data-fate="refused"] .meta { color: var(--bad); flex-wrap: wrap; justify-content: flex-end; }
[data-fate="refused"] time { display: none; }
.retry { font-weight: 600; text-decoration: underline; text-underline-offset: 2px; min-height: 24px; }
.choices { grid-row: 4; display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
.choice, .suggestion {
  min-height: 40px; padding: 8px 16px; border-radius: 20px; border: 1.5px solid var(--accent); background: var(--surface);
  text-align: left; text-wrap: pretty; font-weight: 500; line-height: 1.3; overflow-wrap: anywhere;
}
.choice:hover:enabled, .suggestion:hover { background: var(--tint); }
.choice:disabled { border-color: var(--line); background: transparent; color: var(--muted); font-weight: 400; }
.choice.chosen { border-color: var(--accent); background: var(--tint); color: var(--ink); font-weight: 500; }
.choice .note { margin-left: 4px; color: var(--muted); font-weight: 400; }
.choice.chosen::before { content: "✓ "; }

.typing { display: flex; gap: 8px; margin-top: 16px; }
.typing .dots { display: flex; gap: 4px; align-items: center; padding: 12px; border-radius: 4px 16px 16px; background: var(--surface); border: 1px solid var(--line); }
.dots i { width: 6px; height: 6px; border-radius: 50%; background: var(--muted); }

.empty { min-height: 100%; display: flex; flex-direction: column; justify-content: flex-end; gap: 8px; padding: 8px 0; }
.empty .avatar { width: 56px; height: 56px; margin-bottom: 8px; }
.empty .avatar svg { width: 30px; height: 30px; stroke-width: 1.5; }
.empty h3 { font-size: var(--title); font-weight: 650; line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
.empty p { color: var(--muted); }
.suggestions { display: flex; flex-direction: column; align-items: flex-start; gap: 8px; margin-top: 8px; }
.suggestion { border-color: var(--line); border-width: 1px; }
.suggestion:hover { border-color: var(--accent); }

.newest {
  position: absolute; left: 50%; translate: -50% 0; bottom: 88px; display: flex; align-items: center; gap: 6px; min-height: 36px; padding: 0 14px 0 10px;
  border-radius: 18px; background: var(--ink); color: var(--paper); font-size: var(--small); font-weight: 500; box-shadow: var(--shadow);
}
.newest svg { width: 16px; height: 16px; }
.foot .notice { margin-bottom: 8px; border-radius: 12px; }
.foot { padding: 12px; background: var(--surface); border-top: 1px solid var(--line); padding-bottom: calc(12px + env(safe-area-inset-bottom)); }
.composer { display: flex; align-items: flex-end; gap: 8px; }
.composer textarea {
  flex: 1; min-width: 0; resize: none; min-height: 44px; max-height: 132px; padding: 10px 14px; border-radius: 22px; border: 1px solid var(--muted);
  background: var(--paper); font-size: 16px; line-height: 22px; overflow-y: auto; field-sizing: content;
}
.composer textarea::placeholder { color: var(--muted); opacity: 1; }
.composer textarea:focus-visible { outline-offset: -1px; outline-color: var(--accent); border-color: transparent; }
.send { flex: none; width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; background: var(--accent); color: var(--on-accent); }
.send[aria-disabled="true"] { background: var(--tint); color: var(--muted); cursor: default; }
.composer .tool { height: 44px; width: 36px; }
.composer .clip { margin-left: -4px; }
.pin[aria-disabled="true"] { opacity: .4; }
.camera { display: none !important; }
@media (pointer: coarse) { .camera { display: grid !important; } .composer { gap: 4px; } }
.tray { display: flex; flex-direction: column; gap: 8px; max-height: 168px; margin: 0 0 8px; padding: 0; overflow-y: auto; list-style: none; }
.waiting-file { display: flex; align-items: center; gap: 12px; padding: 4px; border: 1px solid var(--line); border-radius: 12px; background: var(--paper); }
.waiting-file canvas, .waiting-file .sign { flex: none; width: 48px; height: 48px; border-radius: 8px; background: var(--tint); }
.waiting-file .sign { display: grid; place-items: center; color: var(--muted); }
.waiting-file .about { flex: 1; min-width: 0; display: flex; flex-wrap: wrap; align-items: baseline; column-gap: 8px; font-size: var(--small); }
.file-name { flex: 1 0 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.waiting-file .problem { color: var(--bad); }
.waiting-file[data-fate="refused"] { border: 1px dashed var(--bad); }
.waiting-file .remove { flex: none; width: 40px; height: 40px; display: grid; place-items: center; border-radius: 12px; color: var(--muted); }
.waiting-file .remove svg { width: 16px; height: 16px; }
progress { width: 100%; height: 6px; margin: 4px 0; appearance: none; border: 0; border-radius: 3px; overflow: hidden; background: var(--line); }
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: var(--accent); }
progress::-moz-progress-bar { background: var(--accent); }
.bubble.with-files { display: flex; flex-direction: column; gap: 8px; padding: 4px; overflow: hidden; }
.with-files .text { padding: 0 8px 4px; }
.with-files .text:has(+ .document) { padding: 4px 8px 0; }
.picture { display: block; position: relative; border-radius: 12px; overflow: hidden; background: var(--tint); color: var(--muted); }
.picture canvas { display: block; width: 100%; height: auto; max-height: 260px; min-height: 48px; object-fit: cover; }
.picture .problem { position: absolute; inset: 0; display: grid; place-items: center; padding: 8px; text-align: center; font-size: var(--small); }
.picture .problem:empty { display: none; }
.document { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; min-height: 44px; padding: 4px 12px; text-align: left; overflow-wrap: anywhere; text-decoration: underline; text-underline-offset: 2px; }
.counter { display: block; padding: 4px 14px 0; font-size: 12px; color: var(--muted); text-align: right; }
.counter.excess { color: var(--bad); font-weight: 500; }

@media (max-width: 640px), (max-height: 480px) {
  .panel, .left .panel {
    top: var(--viewport-top, 0); left: 0; right: 0; bottom: auto; width: auto; height: var(--viewport-height, 100dvh); border-radius: 0; box-shadow: none;
    padding: env(safe-area-inset-top) env(safe-area-inset-right) 0 env(safe-area-inset-left);
  }
  .chat.open .launcher { display: none; }
  .head { padding: 8px 8px 8px 16px; }
  .tool { width: 44px; height: 44px; }
  /* Who writes needs the room, and has what to say. */
  .composer:has(textarea:not(:placeholder-shown)) .pin { display: none; }
}
@media (prefers-reduced-motion: no-preference) {
  .launcher, .choice, .suggestion, .send, .tool { transition: background-color .15s, border-color .15s, scale .15s; }
  .launcher:hover { scale: 1.05; }
  .launcher:active, .send:active { scale: .94; }
  .panel { animation: rise .22s cubic-bezier(.2, .8, .3, 1); }
  .row.new { animation: appear .2s ease-out; }
  .dots i { animation: breathe 1.2s infinite ease-in-out; }
  .dots i:nth-child(2) { animation-delay: .15s; }
  .dots i:nth-child(3) { animation-delay: .3s; }
}
@keyframes rise { from { opacity: 0; translate: 0 16px; } }
@keyframes appear { from { opacity: 0; translate: 0 6px; } }
@keyframes breathe { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; } }
@media (forced-colors: active) { .bubble, .launcher, .send, .badge { border: 1px solid; } }
`;

/** A constructed sheet: it works on pages whose Content-Security-Policy allows no inline style. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
