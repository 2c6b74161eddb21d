// Serve a schema of a database with mercurius and its JIT: node mercurius.js CONNECTION SCHEMA PORT
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const [connectionString, place, port] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 8 });

const schema = `
  type Query {
    project(id: ID!): Project
    projects(region: ID!, phase: String!, first: Int!): [Project!]!
    flat(first: Int!): [Project!]!
    board: [Cell!]!
    keptBoard: [Cell!]!
  }
  type Project {
    id: ID! code: String title: String! region: ID! park: String enterprise: String
    phase: String! phaseLeast: String! colour: String! intensity: String
    demandLand: String totalInvestment: String
    milestones: [Milestone!]! permits: [Permit!]! postEvaluations: [Evaluation!]!
  }
  type Milestone { node: String! planned: String actual: String colour: String! daysLate: Int }
  type Permit { kind: String! caseNo: ID! status: Int! department: String issuedOn: String }
  type Evaluation { id: ID! checkpoint: String! completedOn: String! total: String! grade: String! }
  type Cell { region: ID! red: Int! yellow: Int! green: Int! grey: Int! total: Int! }
`;

// Named statements are prepared once a connection, as a careful author would have it.
const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const one = `SELECT id, title, region, phase, colour FROM ${place}.project WHERE id = $1`;
const page =
  `SELECT id, title, region FROM ${place}.project WHERE region = $1 AND phase = $2 ORDER BY id LIMIT $3`;
const resolvers = {
  Query: {
    project: async (_, { id }) => (await rows("project", one, [id]))[0],
    projects: (_, { region, phase, first }) => rows("projects", page, [region, phase, first]),
    flat: (_, { first }) => rows("flat", `SELECT * FROM ${place}.project ORDER BY id LIMIT $1`, [first]),
    board: () => rows("board", `SELECT * FROM ${place}.board ORDER BY region`, []),
    keptBoard: () => rows("keptBoard", `SELECT * FROM ${place}."keptBoard" ORDER BY region`, []),
  },
};

const listed = (name) => async (queries) => {
  const ids = queries.map(({ obj }) => obj.id);
  const text = `SELECT * FROM ${place}."${name}" WHERE "projectId" = ANY ($1::text[]) ORDER BY place`;
  const grouped = new Map(ids.map((id) => [id, []]));
  for (const row of await rows(name, text, [ids])) grouped.get(row.projectId).push(row);
  return ids.map((id) => grouped.get(id));
};
const loaders = {
  Project: {
    milestones: listed("milestones"),
    permits: listed("permits"),
    postEvaluations: listed("postEvaluations"),
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1, graphiql: false });
await app.listen({ port: Number(port), host: "127.0.0.1" });
console.log("ready");
