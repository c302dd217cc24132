// The panels beside the figure: power, ladder, eye, clockwork.

const $ = id => document.getElementById(id);
const HISTORY = 60e9; // ns

const RUNGS = {
  plan: 'a fresh plan', tail: 'the rest of the last plan', mode1: 'reflexes, learned', balance: 'balance by formula',
  crouch: 'damped crouch', fall: 'falling softly', off: 'motors off, latched',
};

function micros(us) { return us < 0 ? 'unknown' : us < 1000 ? `${us.toFixed(0)} µs` : `${(us / 1000).toFixed(2)} ms`; }

export class Panels {
  constructor(model) {
    this.power = [];
    this.rungs = new Map();
    model.rungs.forEach((name, i) => {
      const li = document.createElement('li'), share = document.createElement('em');
      const b = document.createElement('b'), text = document.createElement('span');
      b.textContent = name; text.textContent = RUNGS[name] || '';
      li.append(b, text, share);
      $('ladder').append(li);
      this.rungs.set(name, { li, share, level: i < 3 ? '' : i < 4 ? 'mid' : 'low' });
    });
  }

  image(w, h, rgb) {
    const c = $('eye'), g = c.getContext('2d');
    if (c.width !== w || c.height !== h) { c.width = w; c.height = h; }
    const img = g.createImageData(w, h);
    for (let i = 0, j = 0; i < rgb.length; i += 3, j += 4) {
      img.data[j] = rgb[i]; img.data[j + 1] = rgb[i + 1]; img.data[j + 2] = rgb[i + 2]; img.data[j + 3] = 255;
    }
    g.putImageData(img, 0, 0);
  }

  status(s) {
    for (const [name, r] of this.rungs) {
      r.li.className = name === s.rung ? 'on ' + r.level : '';
      if (name === s.rung) r.li.setAttribute('aria-current', 'true'); else r.li.removeAttribute('aria-current');
      const k = s.rung_share[name] || 0;
      r.share.textContent = k > 0 ? (k < 0.001 ? '<0.1 %' : `${(100 * k).toFixed(k < 0.1 ? 1 : 0)} %`) : '';
    }
    $('p50').textContent = micros(s.tick_us_p50);
    $('p99').textContent = micros(s.tick_us_p99);
    $('cand').textContent = s.plan_candidates ? `${s.plan_candidates} × ${s.plan_blocks} blocks` : 'none';
    $('ticks').textContent = s.ticks.toLocaleString('en');
    $('capture').textContent = `${(100 * Math.hypot(...s.capture_m)).toFixed(1)} cm, ${s.stoppable ? 'can stop' : 'cannot stop'}`;
    const load = Math.max(0, s.tick_us_p99 / 1000), meter = $('meter');
    meter.style.width = `${Math.min(100, 100 * load)}%`;
    meter.style.background = load > 1 ? 'var(--bad)' : load > 0.7 ? 'var(--warn)' : 'var(--good)';
    $('rejected').replaceChildren(...Object.entries(s.rejected || {}).filter(e => e[1]).map(([why, n]) => {
      const li = document.createElement('li');
      li.textContent = `refused by the gate, ${why}: ${n}`;
      return li;
    }));
    this.gauge(s);
    this.strip(s);
  }

  gauge(s) {
    const share = s.budget_w > 0 ? s.power_w / s.budget_w : 0, arc = $('arc');
    arc.style.strokeDasharray = `${Math.min(100, Math.max(0, 100 * share))} 101`;
    arc.setAttribute('class', 'arc fill ' + (share > 0.95 ? 'bad' : share > 0.75 ? 'warn' : ''));
    const turn = s.budget_w > 0 ? Math.min(1, Math.max(0, s.peak_w / s.budget_w)) * 180 - 90 : -90;
    $('peak').setAttribute('transform', `rotate(${turn} 60 64)`);
    $('watts').textContent = s.power_w < 0 ? '?' : s.power_w.toFixed(0);
    $('budget').textContent = `W of ${s.budget_w.toFixed(0)}`;
    $('source').textContent = s.power_source === 'model' ? 'modelled, no sensor' : s.power_source === 'sensor' ? 'measured' : s.power_source;
    $('basis').textContent = s.power_basis ? `Modelled from ${s.power_basis}.` : '';
  }

  strip(s) {
    const c = $('strip'), k = Math.min(2, window.devicePixelRatio || 1), w = c.clientWidth * k, h = c.clientHeight * k;
    if (c.width !== Math.round(w) || c.height !== Math.round(h)) { c.width = Math.round(w); c.height = Math.round(h); }
    const p = this.power;
    if (p.length && s.stamp_ns < p[p.length - 1].t) p.length = 0; // another run began
    p.push({ t: s.stamp_ns, w: s.power_w, peak: s.peak_w });
    while (p[0].t < s.stamp_ns - HISTORY) p.shift();
    const g = c.getContext('2d'), top = Math.max(1, s.budget_w) * 1.12;
    const x = t => w * (1 - (s.stamp_ns - t) / HISTORY), y = v => h - 1 - (h - 2) * Math.min(1, Math.max(0, v / top));
    g.clearRect(0, 0, w, h);
    g.lineWidth = k; g.strokeStyle = '#ff5a52'; g.setLineDash([4 * k, 4 * k]);
    g.beginPath(); g.moveTo(0, y(s.budget_w)); g.lineTo(w, y(s.budget_w)); g.stroke();
    g.setLineDash([]);
    const line = (key, stroke) => {
      g.beginPath();
      p.forEach((e, i) => i ? g.lineTo(x(e.t), y(e[key])) : g.moveTo(x(e.t), y(e[key])));
      g.strokeStyle = stroke; g.stroke();
    };
    line('peak', '#56708c');
    g.lineWidth = 2 * k;
    line('w', '#43c98b');
    g.fillStyle = '#93a4b8'; g.font = `${10 * k}px system-ui, sans-serif`;
    g.fillText(`${s.budget_w.toFixed(0)} W`, 3 * k, y(s.budget_w) + 11 * k);
  }
}
