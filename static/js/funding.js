// What the funding rules of a call say of a budget that is being typed. No page here: figures in, sentences out.
// The server judges the same way in aap/applications/checks/plan.py; a test drives both with the same budgets.
// A line: {key, name, category, amount, requested, quoted}; a funder: {kind, amount, earmarks}; amounts are BigInt cents.

import { amountOf, euros, hundredths, percent, scaled } from "./exact.js";

const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0n);
const positive = (value) => (value > 0n ? value : 0n);
const floor = (value, by) => (value >= 0n ? value / by : -((-value + by - 1n) / by));
const beyond = (part, [top, under], base) => -floor(top * base - part * under, under);
const short = (part, [top, under], base) => -floor(part * under - top * base, under);

/** "a, b et c" */
function listing(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} et ${words.at(-1)}`;
}

/** The totals of a budget, in cents. */
export function sums(plan) {
  const ofKind = (kind) => sum(plan.funders.filter((funder) => funder.kind === kind), "amount");
  return {
    expenses: sum(plan.lines, "amount"),
    requested: sum(plan.lines, "requested"),
    income: sum(plan.funders, "amount"),
    subsidy: ofKind("subvention"),
    own: ofKind("autofinancement"),
  };
}

/** How many earmarked cents fit in the lines they are meant for: the largest flow from funders to lines. */
export function placed(plan) {
  const room = new Map();
  for (const line of plan.lines) room.set(line.key, (room.get(line.key) ?? 0n) + positive(line.amount - line.requested));
  const reach = plan.funders.map((funder) => [...new Set(funder.earmarks)].filter((key) => room.has(key)));
  const flow = plan.funders.map(() => new Map());
  let total = 0n;
  plan.funders.forEach((funder, rank) => {
    let left = funder.earmarks.length ? positive(funder.amount) : 0n;
    while (left > 0n) {
      const way = findWay(rank, reach, room, flow);
      if (!way.length) break;
      const last = way.at(-1).key;
      let moved = left < room.get(last) ? left : room.get(last);
      for (const step of way) {
        if (step.given !== null && flow[step.given].get(step.key) < moved) moved = flow[step.given].get(step.key);
      }
      for (const step of way) {
        flow[step.taken].set(step.key, (flow[step.taken].get(step.key) ?? 0n) + moved);
        if (step.given !== null) flow[step.given].set(step.key, flow[step.given].get(step.key) - moved);
      }
      room.set(last, room.get(last) - moved);
      left -= moved;
      total += moved;
    }
  });
  return total;
}

function findWay(start, reach, room, flow) {
  const before = new Map();
  const waiting = [[start, null]];
  const seen = new Set([start]);
  while (waiting.length) {
    const [rank, through] = waiting.shift();
    for (const key of reach[rank]) {
      if (before.has(key)) continue;
      before.set(key, [rank, through]);
      if (room.get(key) > 0n) return steps(key, before);
      flow.forEach((given, other) => {
        if (!seen.has(other) && (given.get(key) ?? 0n) > 0n) {
          seen.add(other);
          waiting.push([other, key]);
        }
      });
    }
  }
  return [];
}

function steps(last, before) {
  const way = [];
  let key = last;
  let given = null;
  while (key !== null) {
    const [taken, through] = before.get(key);
    way.unshift({ taken, key, given });
    [key, given] = [through, taken];
  }
  return way;
}

const KINDS = {
  balance(limit, plan, { expenses, income }) {
    const gap = expenses - income;
    const figures = { expenses, income, gap: gap < 0n ? -gap : gap };
    if (expenses === 0n && income === 0n) return ["empty", figures];
    return [gap > 0n ? "short" : gap < 0n ? "over" : "held", figures];
  },
  asked(limit, plan, { requested, subsidy }) {
    const gap = requested > subsidy ? requested - subsidy : subsidy - requested;
    const figures = { requested, subsidy, gap };
    if (requested === 0n && subsidy === 0n) return ["empty", figures];
    return [gap === 0n ? "held" : "broken", figures];
  },
  cap(limit, plan, { requested }) {
    const over = requested - limit.bound[0];
    return [requested <= 0n ? "empty" : over > 0n ? "broken" : "held", { requested, over }];
  },
  rate(limit, plan, { expenses, requested }) {
    if (expenses <= 0n || requested <= 0n) return ["empty", {}];
    const over = beyond(requested, limit.bound, expenses);
    return [over > 0n ? "broken" : "held", { share: percent(requested, expenses), requested, expenses, over }];
  },
  share(limit, plan, totals) {
    const rows = plan.lines.filter((line) => line.category === limit.category);
    const part = sum(rows, limit.ofSubsidy ? "requested" : "amount");
    const base = limit.ofSubsidy ? totals.requested : totals.expenses;
    if (base <= 0n) return ["empty", {}];
    const gap = limit.isMax ? beyond(part, limit.bound, base) : short(part, limit.bound, base);
    return [gap > 0n ? "broken" : "held", { share: percent(part, base), part, base, gap }];
  },
  own(limit, plan, { own, expenses }) {
    if (expenses <= 0n) return ["empty", {}];
    const gap = short(own, limit.bound, expenses);
    return [gap > 0n ? "broken" : "held", { share: percent(own, expenses), own, expenses, gap }];
  },
  cofunding(limit, plan, { income, subsidy }) {
    if (income === 0n) return ["empty", {}];
    return [income - subsidy > 0n ? "held" : "broken", { others: income - subsidy }];
  },
  quotes(limit, plan, { expenses }) {
    if (expenses === 0n) return ["empty", {}];
    const asked = plan.lines.filter(
      (line) => line.amount > limit.bound[0] && (limit.category === "" || limit.category === line.category),
    );
    if (!asked.length) return ["none", {}];
    const without = asked.filter((line) => !line.quoted);
    const named = without.length ? without : asked;
    const names = listing(named.map((line) => `${line.name} (${euros(line.amount)})`));
    return [without.length ? "broken" : "held", { names }];
  },
  earmarks(limit, plan) {
    const reserved = plan.funders.reduce((all, one) => all + (one.earmarks.length ? positive(one.amount) : 0n), 0n);
    if (reserved === 0n) return ["none", {}];
    const fitting = placed(plan);
    return [fitting === reserved ? "held" : "broken", { reserved, placed: fitting, gap: reserved - fitting }];
  },
};

const OUTCOMES = { held: "held", none: "held", empty: "unknown" };

function judgeOne(limit, plan, totals) {
  if (limit.unknown) {
    return { key: limit.key, outcome: "unknown", sentence: `${limit.unknown[0].toUpperCase()}${limit.unknown.slice(1)}.` };
  }
  const [name, figures] = KINDS[limit.kind](limit, plan, totals);
  let sentence = limit.texts[name];
  for (const [figure, value] of Object.entries(figures)) {
    sentence = sentence.replaceAll(`{${figure}}`, () => (typeof value === "bigint" ? euros(value) : value));
  }
  return { key: limit.key, outcome: OUTCOMES[name] ?? "broken", sentence };
}

/** Judge a budget against the limits of the page, in their order. */
export function judge(limits, plan) {
  const totals = sums(plan);
  return limits.map((limit) => judgeOne(limit, plan, totals));
}

/** The limits as the page carries them: bounds become whole numbers. */
export function readLimits(text) {
  return JSON.parse(text).map((limit) => ({ ...limit, bound: limit.bound.map(BigInt) }));
}

/** A budget from what is typed in its cells; a cell that is not a number counts for nothing. */
export function planOf(lines, funders) {
  return {
    lines: lines.map((row, index) => {
      const quantity = scaled(row.quantity, 3);
      const price = hundredths(row.price);
      return {
        key: row.key.trim(),
        name: row.label.trim() || `ligne ${index + 1}`,
        category: row.category,
        amount: quantity === null || price === null ? 0n : amountOf(quantity, price),
        readable: quantity !== null && price !== null,
        requested: hundredths(row.requested) ?? 0n,
        quoted: row.quoted || row.reference.trim() !== "",
      };
    }),
    funders: funders.map((row) => ({
      kind: row.kind,
      amount: hundredths(row.amount) ?? 0n,
      earmarks: row.earmarked.split(/[\s,;]+/).filter(Boolean),
    })),
  };
}
