// The moving figure: spheres, capsules and boxes painted back to front on a plain 2-D canvas, so that it needs neither a
// graphics card nor a library. World axes: x forward, y left, z up, metres. Camera axes: x right, y down, z away.

const LIGHT = unit([0.35, 0.45, 0.82]);
const AMBIENT = 0.46, LAMP = 0.62, NEAR = 0.05;
const GHOST = [80, 205, 255];
const TILE = 0.5, FLOOR = 11; // m, tiles to each side

export function unit(a) { const n = Math.hypot(...a) || 1; return a.map(v => v / n); }
const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const mul = (a, k) => [a[0] * k, a[1] * k, a[2] * k];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

// rotate turns v by the quaternion q = w, x, y, z.
export function rotate(q, v) {
  const u = [q[1], q[2], q[3]], t = mul(cross(u, v), 2);
  return add(add(v, mul(t, q[0])), cross(u, t));
}

function product(p, q) {
  return [p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3], p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
    p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1], p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0]];
}

export function yawOf(q) {
  return Math.atan2(2 * (q[0] * q[3] + q[1] * q[2]), 1 - 2 * (q[2] * q[2] + q[3] * q[3]));
}

const ink = (rgb, k) => `rgb(${rgb.map(c => Math.min(255, c * k) | 0).join()})`;

export class Figure {
  constructor(canvas, model) {
    this.canvas = canvas;
    this.ctx = canvas.getContext('2d');
    this.back = document.createElement('canvas');
    this.model = model;
    this.pose = this.before = null;
    this.arrow = null;
    this.yaw = 0.65; this.pitch = 0.16; this.dist = 3.1;
    this.target = [0, 0, 0.66];
    this.drag();
  }

  // show takes a pose: links and ghost as [{p, q}], objects, capture [x, y].
  show(pose) {
    this.before = this.pose || pose;
    this.pose = pose;
    this.since = performance.now();
  }

  // hit shows a push at the chest, world axes, N s.
  hit(impulse) { this.arrow = { impulse, at: performance.now() }; }

  drag() {
    const fingers = new Map();
    let gap = 0;
    const c = this.canvas;
    c.addEventListener('pointerdown', e => { c.setPointerCapture(e.pointerId); fingers.set(e.pointerId, e); gap = 0; });
    const drop = e => { fingers.delete(e.pointerId); gap = 0; };
    c.addEventListener('pointerup', drop);
    c.addEventListener('pointercancel', drop);
    c.addEventListener('pointermove', e => {
      const last = fingers.get(e.pointerId);
      if (!last) return;
      fingers.set(e.pointerId, e);
      if (fingers.size === 1) {
        this.yaw -= (e.clientX - last.clientX) * 0.008;
        this.pitch = Math.min(1.4, Math.max(-0.05, this.pitch + (e.clientY - last.clientY) * 0.006));
      } else if (fingers.size === 2) {
        const [a, b] = [...fingers.values()];
        const now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
        if (gap) this.zoom(gap / now);
        gap = now;
      }
    });
    c.addEventListener('wheel', e => { e.preventDefault(); this.zoom(Math.exp(e.deltaY * 0.001)); }, { passive: false });
  }

  zoom(k) { this.dist = Math.min(9, Math.max(1.2, this.dist * k)); }

  resize() {
    const k = Math.min(2, window.devicePixelRatio || 1);
    const w = Math.round(this.canvas.clientWidth * k), h = Math.round(this.canvas.clientHeight * k);
    for (const c of [this.canvas, this.back]) if (c.width !== w || c.height !== h) { c.width = w; c.height = h; }
    this.w = w; this.h = h; this.k = k;
    this.focal = Math.min(h * 1.25, w * 1.5);
  }

  aim(base) {
    for (const i of [0, 1]) this.target[i] += 0.12 * (base[i] - this.target[i]);
    const [cy, sy, cp, sp] = [Math.cos(this.yaw), Math.sin(this.yaw), Math.cos(this.pitch), Math.sin(this.pitch)];
    this.eye = add(this.target, mul([cy * cp, sy * cp, sp], this.dist));
    this.eye[2] = Math.max(0.08, this.eye[2]);
    this.fwd = unit(sub(this.target, this.eye));
    this.right = unit(cross(this.fwd, [0, 0, 1]));
    this.down = cross(this.fwd, this.right);
    this.light = this.dir(LIGHT);
  }

  dir(v) { return [dot(v, this.right), dot(v, this.down), dot(v, this.fwd)]; }
  cam(p) { return this.dir(sub(p, this.eye)); }
  px(c) { const k = this.focal / c[2]; return [this.w / 2 + c[0] * k, this.h / 2 + c[1] * k, k]; }

  draw() {
    if (!this.pose) return;
    this.resize();
    const k = Math.min(1, (performance.now() - this.since) / 33);
    const links = this.pose.links.map((b, i) => between(this.before.links[i], b, k));
    this.aim(links[0].p);
    const g = this.ctx;
    g.clearRect(0, 0, this.w, this.h);
    this.floor(g);
    this.shadow(g, links);
    this.capture(g, links);
    if (this.pose.ghost.length) {
      const b = this.back.getContext('2d');
      b.clearRect(0, 0, this.w, this.h);
      this.paint(b, this.shapes(this.pose.ghost, GHOST));
      g.globalAlpha = 0.42;
      g.drawImage(this.back, 0, 0);
      g.globalAlpha = 1;
    }
    const items = this.shapes(links, null);
    for (const o of this.pose.objects) items.push(this.ball(o.p, o.r, o.rgb));
    this.paint(g, items);
    this.push(g, links);
  }

  paint(g, items) {
    items.sort((a, b) => b.depth - a.depth);
    for (const it of items) if (it.depth > NEAR) it.draw(g);
  }

  shapes(links, tint) {
    const out = [];
    this.model.links.forEach((l, i) => {
      const { p, q } = links[i];
      for (const s of l.geoms) {
        const at = add(p, rotate(q, s.pos)), rgb = tint || s.rgb;
        if (s.shape === 'sphere') out.push(this.ball(at, s.size[0], rgb));
        else {
          const r = product(q, s.rot);
          if (s.shape === 'capsule') out.push(this.capsule(at, rotate(r, [0, 0, s.size[1]]), s.size[0], rgb));
          else out.push(this.box(at, r, s.size, rgb));
        }
      }
    });
    return out;
  }

  ball(p, radius, rgb) {
    const c = this.cam(p);
    return { depth: c[2], draw: g => {
      const [x, y, k] = this.px(c), r = radius * k, l = this.light;
      const grad = g.createRadialGradient(x + l[0] * r * 0.55, y + l[1] * r * 0.55, r * 0.05, x, y, r * 1.02);
      grad.addColorStop(0, ink(rgb, AMBIENT + LAMP));
      grad.addColorStop(0.6, ink(rgb, AMBIENT + LAMP * 0.55));
      grad.addColorStop(1, ink(rgb, AMBIENT * 0.82));
      g.fillStyle = grad;
      g.beginPath(); g.arc(x, y, r, 0, 7); g.fill();
    } };
  }

  capsule(p, half, radius, rgb) {
    const a = this.cam(sub(p, half)), b = this.cam(add(p, half));
    const mid = mul(add(a, b), 0.5);
    return { depth: mid[2], draw: g => {
      if (a[2] < NEAR || b[2] < NEAR) return;
      const [ax, ay, ak] = this.px(a), [bx, by, bk] = this.px(b), ra = radius * ak, rb = radius * bk;
      const dx = bx - ax, dy = by - ay, d = Math.hypot(dx, dy);
      if (d <= Math.abs(ra - rb) + 0.5) return this.ball(ra > rb ? sub(p, half) : add(p, half), radius, rgb).draw(g);
      const t = Math.atan2(dy, dx), o = Math.acos((ra - rb) / d);
      // The cylinder's normals run from one side over the edge nearest to the eye to the other.
      const axis = unit(sub(b, a)), toEye = unit(mul(mid, -1));
      const side = unit(cross(axis, toEye)), face = cross(side, axis);
      const w = (ra + rb) / 2, nx = -dy / d, ny = dx / d, mx = (ax + bx) / 2, my = (ay + by) / 2;
      const sign = side[0] * nx + side[1] * ny >= 0 ? 1 : -1;
      const grad = g.createLinearGradient(mx - nx * w, my - ny * w, mx + nx * w, my + ny * w);
      for (let s = 0; s <= 6; s++) {
        const u = s / 3 - 1, n = add(mul(side, u * sign), mul(face, Math.sqrt(Math.max(0, 1 - u * u))));
        grad.addColorStop(s / 6, ink(rgb, AMBIENT * (1 - 0.18 * u * u) + LAMP * Math.max(0, dot(n, this.light))));
      }
      g.fillStyle = grad;
      g.beginPath();
      g.arc(ax, ay, ra, t + o, t - o + 2 * Math.PI);
      g.arc(bx, by, rb, t - o, t + o);
      g.fill();
    } };
  }

  box(p, q, size, rgb) {
    const c = this.cam(p), axes = [0, 1, 2].map(k => rotate(q, [0, 1, 2].map(j => j === k ? size[k] : 0)));
    return { depth: c[2], draw: g => {
      for (let k = 0; k < 3; k++) for (const s of [1, -1]) {
        const n = mul(axes[k], s), at = add(p, n);
        if (dot(n, sub(at, this.eye)) >= 0) continue;
        const u = axes[(k + 1) % 3], v = axes[(k + 2) % 3];
        const corners = [[1, 1], [1, -1], [-1, -1], [-1, 1]].map(([i, j]) => this.cam(add(at, add(mul(u, i), mul(v, j)))));
        if (corners.some(e => e[2] < NEAR)) continue;
        g.fillStyle = g.strokeStyle = ink(rgb, AMBIENT + LAMP * Math.max(0, dot(unit(n), LIGHT)));
        g.lineJoin = 'round'; g.lineWidth = Math.min(8, 0.016 * this.focal / c[2]);
        this.polygon(g, corners);
        g.fill(); g.stroke();
      }
    } };
  }

  polygon(g, corners) {
    g.beginPath();
    corners.forEach((e, i) => { const [x, y] = this.px(e); if (i) g.lineTo(x, y); else g.moveTo(x, y); });
    g.closePath();
  }

  floor(g) {
    const ox = Math.floor(this.target[0] / TILE), oy = Math.floor(this.target[1] / TILE);
    for (let i = -FLOOR; i < FLOOR; i++) for (let j = -FLOOR; j < FLOOR; j++) {
      const x = (ox + i) * TILE, y = (oy + j) * TILE;
      const far = Math.hypot(x + TILE / 2 - this.target[0], y + TILE / 2 - this.target[1]) / (FLOOR * TILE);
      if (far >= 1) continue;
      const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([a, b]) => this.cam([x + a * TILE, y + b * TILE, 0]));
      if (corners.some(e => e[2] < NEAR)) continue;
      const dark = (ox + i + oy + j) & 1, fade = (1 - far * far) ** 1.5;
      g.fillStyle = dark ? `rgba(70,88,112,${0.55 * fade})` : `rgba(104,126,154,${0.55 * fade})`;
      this.polygon(g, corners);
      g.fill();
    }
  }

  // shadow lays each shape on the floor along the light, all in one path so that overlaps do not darken twice.
  shadow(g, links) {
    g.fillStyle = 'rgba(4,8,14,.42)';
    g.beginPath();
    const lay = (p, r) => {
      const z = Math.max(0, p[2]) / LIGHT[2];
      const x = p[0] - LIGHT[0] * z, y = p[1] - LIGHT[1] * z;
      for (let s = 0; s <= 14; s++) {
        const a = -s / 14 * 2 * Math.PI, c = this.cam([x + r * Math.cos(a), y + r * Math.sin(a), 0]);
        if (c[2] < NEAR) return;
        const [u, v] = this.px(c);
        if (s) g.lineTo(u, v); else g.moveTo(u, v);
      }
      g.closePath();
    };
    this.model.links.forEach((l, i) => {
      for (const s of l.geoms) {
        const { p, q } = links[i], at = add(p, rotate(q, s.pos));
        if (s.shape === 'sphere') lay(at, s.size[0]);
        else if (s.shape === 'capsule') for (let k = -1; k <= 1; k += 0.25) {
          lay(add(at, rotate(q, rotate(s.rot, [0, 0, k * s.size[1]]))), s.size[0]);
        } else for (let k = -1; k <= 1; k += 0.5) {
          const long = s.size.indexOf(Math.max(...s.size)), e = [0, 0, 0];
          e[long] = k * s.size[long] * 0.6;
          lay(add(at, rotate(q, rotate(s.rot, e))), [...s.size].sort((a, b) => a - b)[1]);
        }
      }
    });
    for (const o of this.pose.objects) lay(o.p, o.r);
    g.fill();
  }

  // capture marks the capture point on the floor, and the middle of the feet, to which it should return.
  capture(g, links) {
    const soles = this.model.feet.map(f => add(links[f.link].p, rotate(links[f.link].q, f.sole)));
    const mid = mul(add(soles[0], soles[1]), 0.5), yaw = yawOf(links[0].q), [x, y] = this.pose.capture;
    const at = [mid[0] + x * Math.cos(yaw) - y * Math.sin(yaw), mid[1] + x * Math.sin(yaw) + y * Math.cos(yaw), 0.002];
    const a = this.cam([mid[0], mid[1], 0.002]), b = this.cam(at);
    if (a[2] < NEAR || b[2] < NEAR) return;
    const [ax, ay] = this.px(a), [bx, by, k] = this.px(b), r = Math.max(3, 0.022 * k);
    g.strokeStyle = g.fillStyle = '#ffc44d';
    g.lineWidth = 2 * this.k;
    g.beginPath(); g.moveTo(ax, ay); g.lineTo(bx, by); g.stroke();
    g.beginPath(); g.ellipse(bx, by, r, r * Math.max(0.25, -this.fwd[2]), 0, 0, 7); g.fill();
  }

  push(g, links) {
    if (!this.arrow) return;
    const age = (performance.now() - this.arrow.at) / 900, n = Math.hypot(...this.arrow.impulse);
    if (age > 1 || n === 0) { this.arrow = null; return; }
    const chest = add(links[this.model.chest].p, [0, 0, 0.17]), dir = mul(this.arrow.impulse, 1 / n);
    const tip = sub(chest, mul(dir, 0.1)), tail = sub(tip, mul(dir, 0.25 + 0.5 * n / this.model.max_push_ns));
    const a = this.cam(tail), b = this.cam(tip);
    if (a[2] < NEAR || b[2] < NEAR) return;
    const [ax, ay] = this.px(a), [bx, by, k] = this.px(b), t = Math.atan2(by - ay, bx - ax), s = 0.07 * k;
    g.globalAlpha = 1 - age * age;
    g.strokeStyle = g.fillStyle = '#ff8a3d';
    g.lineWidth = 0.03 * k; g.lineCap = 'round';
    g.beginPath(); g.moveTo(ax, ay); g.lineTo(bx - s * Math.cos(t), by - s * Math.sin(t)); g.stroke();
    g.beginPath(); g.moveTo(bx, by);
    for (const e of [2.6, -2.6]) g.lineTo(bx + 1.5 * s * Math.cos(t + e), by + 1.5 * s * Math.sin(t + e));
    g.fill();
    g.globalAlpha = 1;
  }
}

function between(a, b, k) {
  if (k >= 1) return b;
  const s = a.q[0] * b.q[0] + a.q[1] * b.q[1] + a.q[2] * b.q[2] + a.q[3] * b.q[3] < 0 ? -1 : 1;
  return { p: add(a.p, mul(sub(b.p, a.p), k)), q: unit(b.q.map((v, i) => a.q[i] * s * (1 - k) + v * k)) };
}
