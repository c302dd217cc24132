// The stream from robotd: poses and pictures as little-endian binary, the rest as JSON. It comes back by itself.

export function watch(on) {
  let wait = 250, last = 0;
  const open = () => {
    const ws = new WebSocket(new URL('stream', location.href.replace(/^http/, 'ws')));
    ws.binaryType = 'arraybuffer';
    ws.onopen = () => { wait = 250; last = 0; on.link(true, 'connected, no robot yet'); };
    ws.onmessage = e => {
      if (!last || performance.now() - last > 1000) on.link(true, 'live');
      last = performance.now();
      if (typeof e.data === 'string') on.status(JSON.parse(e.data));
      else binary(new DataView(e.data), on);
    };
    ws.onclose = () => {
      on.link(false, 'robotd does not answer');
      setTimeout(open, wait);
      wait = Math.min(4000, wait * 2);
    };
  };
  setInterval(() => { if (last && performance.now() - last > 1500) on.link(false, 'no news from the robot'); }, 500);
  open();
}

function binary(d, on) {
  if (d.getUint8(0) === 2) {
    on.image(d.getUint32(4, true), d.getUint32(8, true), new Uint8Array(d.buffer, 12));
    return;
  }
  const n = d.getUint32(4, true), ghosts = d.getUint32(8, true), objects = d.getUint32(12, true);
  const f = new Float32Array(d.buffer, 16);
  let at = 0;
  const take = k => Array.from(f.subarray(at, at += k));
  const links = k => Array.from({ length: k }, () => ({ p: take(3), q: take(4) }));
  on.pose({
    links: links(n), ghost: links(ghosts),
    objects: Array.from({ length: objects }, () => ({ p: take(3), r: take(1)[0], rgb: take(3).map(c => c * 255) })),
  });
}
