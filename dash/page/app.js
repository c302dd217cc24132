// Wires the stream to the panels and the buttons to the robot.
import { Figure, yawOf } from './figure.js';
import { Panels } from './panels.js';
import { watch } from './stream.js';

const $ = id => document.getElementById(id);

async function send(path, body) {
  try {
    const r = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    if (!r.ok) throw new Error((await r.text()).trim());
    say('');
    return true;
  } catch (e) {
    say(`${path} did not reach the robot: ${e.message}`);
    return false;
  }
}

function say(text) { $('alert').textContent = text; $('alert').hidden = !text; }

function pill(el, text, kind) { el.textContent = text; el.className = 'pill ' + kind; el.hidden = false; }

function buttons(figure, model) {
  const size = $('size');
  size.max = model.max_push_ns;
  size.value = Math.min(10, model.max_push_ns);
  const told = () => {
    $('size-out').textContent = `${size.value} N·s`;
    $('size-note').textContent = `${(size.value / model.mass_kg).toFixed(2)} m/s for its ${model.mass_kg.toFixed(0)} kg`;
  };
  size.addEventListener('input', told);
  told();
  for (const b of document.querySelectorAll('.pad button')) b.addEventListener('click', async () => {
    const heading = figure.pose ? yawOf(figure.pose.links[0].q) : 0;
    const a = heading + b.dataset.deg * Math.PI / 180, n = Number(size.value);
    const impulse = [n * Math.cos(a), n * Math.sin(a), 0];
    if (await send('push', { impulse_ns: impulse })) figure.hit(impulse);
  });
  $('ack').addEventListener('click', () => send('ack', {}));
}

function estop() { return send('estop', {}); }

async function start() {
  // The stop works before anything else does.
  $('estop').addEventListener('click', estop);
  document.addEventListener('keydown', e => { if (e.key === 'Escape' && !e.repeat) estop(); });
  const model = await (await fetch('model.json')).json();
  $('name').textContent = `${model.name}, ${model.joints} actuators`;
  const figure = new Figure($('figure'), model), panels = new Panels(model);
  buttons(figure, model);
  let capture = [0, 0];
  watch({
    link: (ok, text) => pill($('link'), text, ok ? 'good' : 'bad'),
    pose: p => figure.show({ ...p, capture }),
    image: (w, h, rgb) => panels.image(w, h, rgb),
    status: s => {
      capture = s.capture_m;
      pill($('kind'), s.body || (s.simulated ? 'simulated body' : 'real body'), s.simulated ? 'sim' : '');
      pill($('posture'), s.upright ? 'upright' : 'fallen', s.upright ? 'good' : 'bad');
      $('push-card').hidden = !s.simulated;
      // Only the simulation is put back on its feet when it is off; another body has people for that.
      const down = ['fall', 'off'].includes(s.rung);
      $('ack').hidden = !(s.rung === 'crouch' || down && s.simulated);
      $('latched').hidden = !down || s.simulated;
      panels.status(s);
    },
  });
  const frame = () => { figure.draw(); requestAnimationFrame(frame); };
  frame();
}

start().catch(e => say(`The page could not start: ${e.message}. Is robotd still running?`));
