// The peer's side of the memory benchmark: one JSON line in (a case's name), one out (seconds per operation).
'use strict';
const readline = require('readline');
const {DataSource, ModelBuilder} = require('loopback-datasource-juggler');

const row = (i) => ({
  name: `user ${(i * 7919) % 20000}`, group: `g${i % 100}`, age: (i * 31) % 97,
  active: i % 3 === 0, joined: new Date(1.5e12 + i * 60000),
});
const fields = {
  id: {type: Number, id: true, generated: true},
  name: String, group: String, age: Number, active: Boolean, joined: Date,
};
const rows = Array.from({length: 20000}, (_, i) => row(i));

function fresh() {
  return new DataSource('memory').createModel('User', fields, {forceId: false});
}

async function filled(count) {
  const User = fresh();
  await User.createAll(rows.slice(0, count));
  return User;
}

let big;
let few;
const Checked = new DataSource('memory').createModel('Checked', {
  id: {type: Number, id: true}, name: String, email: String, age: Number, role: String,
});
Checked.validatesPresenceOf('name');
Checked.validatesLengthOf('name', {min: 2, max: 40});
Checked.validatesFormatOf('email', {with: /^[^@]+@[^@]+$/});
Checked.validatesNumericalityOf('age', {int: true});
Checked.validatesInclusionOf('role', {in: ['admin', 'user', 'guest']});

const shop = new DataSource('memory');
const Order = shop.createModel('Order', {
  id: {type: Number, id: true}, customerId: {type: Number, index: true}, total: Number,
});
const Customer = shop.createModel('Customer', {id: {type: Number, id: true}, name: String});
Customer.hasMany(Order, {as: 'orders', foreignKey: 'customerId'});

const cases = {
  async create() {
    const User = fresh();
    return [2000, async () => { for (let i = 0; i < 2000; i++) await User.create(row(i)); }];
  },
  async create_all() {
    const User = fresh();
    return [20000, () => User.createAll(rows)];
  },
  async find_by_id() {
    return [20, async () => { for (let i = 0; i < 20; i++) await big.findById(1 + ((i * 997) % 20000)); }];
  },
  async filter() {
    return [5, async () => { for (let i = 0; i < 5; i++) await big.find({where: {group: `g${i}`}}); }];
  },
  async filter_two() {
    return [5, async () => {
      for (let i = 0; i < 5; i++) await big.find({where: {and: [{age: {gt: 90}}, {active: true}]}});
    }];
  },
  async count() {
    return [5, async () => { for (let i = 0; i < 5; i++) await big.count({age: {gt: 50 + i}}); }];
  },
  async order() {
    return [5, async () => {
      for (let i = 0; i < 5; i++) await big.find({order: ['age DESC', 'name ASC'], limit: 10});
    }];
  },
  async patch() {
    const some = await few.find({limit: 200});
    return [200, async () => { for (const [i, u] of some.entries()) await u.patchAttributes({age: i}); }];
  },
  async validate() {
    const check = (v) => new Promise((resolve) => v.isValid(resolve));
    return [5000, async () => {
      for (let i = 0; i < 5000; i++) {
        await check(new Checked({
          name: `user ${i}`, email: i % 10 ? 'a@b.c' : 'nope', age: i % 50, role: 'user',
        }));
      }
    }];
  },
};

cases.instantiate = async () => {
  const given = rows.slice(0, 5000);
  return [5000, async () => given.map((r) => new big(r))];
};
cases.include = async () => [1, () => Customer.find({include: 'orders', limit: 200})];

async function main() {
  big = await filled(20000);
  few = await filled(200);
  await Customer.createAll(Array.from({length: 2000}, (_, i) => ({id: i + 1, name: `customer ${i}`})));
  await Order.createAll(Array.from({length: 20000}, (_, i) => ({
    id: i + 1, customerId: 1 + i % 2000, total: i % 89,
  })));
  console.log(JSON.stringify({ready: process.version, builder: typeof ModelBuilder}));
  for await (const line of readline.createInterface({input: process.stdin})) {
    const [count, run] = await cases[line.trim()]();
    const start = process.hrtime.bigint();
    await run();
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    console.log(JSON.stringify({seconds: seconds / count}));
  }
}

main();
