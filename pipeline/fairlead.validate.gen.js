// Made by `npm run docs` from pipeline/fairlead.schema.json.
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};

// node_modules/ajv/dist/runtime/ucs2length.js
var require_ucs2length = __commonJS({
  "node_modules/ajv/dist/runtime/ucs2length.js"(exports) {
    "use strict";
    Object.defineProperty(exports, "__esModule", { value: !0 });
    function ucs2length(str) {
      let len = str.length, length = 0, pos = 0, value;
      for (; pos < len; )
        length++, value = str.charCodeAt(pos++), value >= 55296 && value <= 56319 && pos < len && (value = str.charCodeAt(pos), (value & 64512) === 56320 && pos++);
      return length;
    }
    exports.default = ucs2length;
    ucs2length.code = 'require("ajv/dist/runtime/ucs2length").default';
  }
});

// node_modules/fast-deep-equal/index.js
var require_fast_deep_equal = __commonJS({
  "node_modules/fast-deep-equal/index.js"(exports, module) {
    "use strict";
    module.exports = function equal(a, b) {
      if (a === b) return !0;
      if (a && b && typeof a == "object" && typeof b == "object") {
        if (a.constructor !== b.constructor) return !1;
        var length, i, keys;
        if (Array.isArray(a)) {
          if (length = a.length, length != b.length) return !1;
          for (i = length; i-- !== 0; )
            if (!equal(a[i], b[i])) return !1;
          return !0;
        }
        if (a.constructor === RegExp) return a.source === b.source && a.flags === b.flags;
        if (a.valueOf !== Object.prototype.valueOf) return a.valueOf() === b.valueOf();
        if (a.toString !== Object.prototype.toString) return a.toString() === b.toString();
        if (keys = Object.keys(a), length = keys.length, length !== Object.keys(b).length) return !1;
        for (i = length; i-- !== 0; )
          if (!Object.prototype.hasOwnProperty.call(b, keys[i])) return !1;
        for (i = length; i-- !== 0; ) {
          var key = keys[i];
          if (!equal(a[key], b[key])) return !1;
        }
        return !0;
      }
      return a !== a && b !== b;
    };
  }
});

// node_modules/ajv/dist/runtime/equal.js
var require_equal = __commonJS({
  "node_modules/ajv/dist/runtime/equal.js"(exports) {
    "use strict";
    Object.defineProperty(exports, "__esModule", { value: !0 });
    var equal = require_fast_deep_equal();
    equal.code = 'require("ajv/dist/runtime/equal").default';
    exports.default = equal;
  }
});

// <stdin>
var require_stdin = __commonJS({
  "<stdin>"(exports, module) {
    module.exports = validate20;
    module.exports.default = validate20;
    var schema31 = { $schema: "https://json-schema.org/draft/2020-12/schema", title: "fairlead.json", description: "How an application is deployed. Every setting has a default; the file itself is optional.", type: "object", additionalProperties: !1, properties: { $schema: { description: "Where editors find this schema.", type: "string" }, name: { description: "The application's name, unless `encore.app` has an `id`.", type: "string", pattern: "^[a-z](?:-?[a-z0-9])*$", maxLength: 40 }, target: { description: "Where environments are put. `local`: this machine. `aws`: Amazon Web Services.", enum: ["local", "aws"], default: "local" }, build: { description: "How images are built.", type: "object", additionalProperties: !1, properties: { base: { description: "The image that images lie on: a name with a tag, whose digest `fairlead images update` pins, or with a digest. Default: the one Fairlead comes with.", type: "string", pattern: "^[^\\s]{1,512}$" }, platforms: { description: "What images are made for. Packages with native parts may allow fewer.", type: "array", items: { enum: ["linux/amd64", "linux/arm64"] }, minItems: 1, uniqueItems: !0, default: ["linux/amd64", "linux/arm64"] }, external: { description: "Packages that are carried file by file and not bundled, besides those that must be.", $ref: "#/$defs/packages" }, bundle: { description: "Packages that are bundled, although they look as if they could not be.", $ref: "#/$defs/packages" }, dockerfile: { description: "Whether the image of all services in one process is built from the `Dockerfile` in the application's root. A Dockerfile in the directory of a service always counts, for a process of that service alone.", type: "boolean", default: !1 }, allowSecrets: { description: "Paths in the image that may be in it although they look as if they held secrets; one that ends in `/` is a directory.", type: "array", items: { type: "string", minLength: 1 }, uniqueItems: !0 } } }, releases: { description: "How long releases are kept.", type: "object", additionalProperties: !1, properties: { keep: { description: "How many of the last releases of each environment of type production stay, besides all that run anywhere.", type: "integer", minimum: 1, maximum: 1e3, default: 10 } } }, aws: { description: "Where in AWS everything is.", type: "object", additionalProperties: !1, properties: { region: { description: "The region, such as `eu-central-1`. Default: the one that the AWS tools are set to.", type: "string", pattern: "^[a-z]{2}(-[a-z]+){1,2}-[0-9]$" }, account: { description: "The account, twelve digits: credentials of another one are refused. Default: any.", type: "string", pattern: "^[0-9]{12}$" }, foundation: { description: "What lies under the environments of one type: network, servers. Applications that name the same share it. Default: the application's name.", type: "string", pattern: "^[a-z](?:-?[a-z0-9])*$", maxLength: 40 }, domain: { description: "Environments answer at `<environment>.<domain>`, production at the domain itself. Default: each at a URL of Amazon API Gateway, without WebSockets.", type: "string", pattern: "^(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$" }, hostedZone: { description: "The id of the public zone of Route 53 that the domain is in. Needed with `domain`.", type: "string", pattern: "^Z[A-Z0-9]{1,31}$" } } }, environments: { description: "Settings by environment name (`production`, `staging`, `pr-72`) or by type (`preview`, `development`, `local`, `production`). The name wins over the type.", type: "object", propertyNames: { pattern: "^(?!pr-0)[a-z](?:-?[a-z0-9])*$", maxLength: 40 }, properties: { preview: { $ref: "#/$defs/many" }, development: { $ref: "#/$defs/many" } }, additionalProperties: { $ref: "#/$defs/one" } } }, $defs: { packages: { description: "Names of packages.", type: "array", items: { description: "The name of a package, such as `sharp` or `@prisma/client`.", type: "string", pattern: "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$" }, uniqueItems: !0 }, many: { description: "Settings of all environments of a type. Ports are per environment, so there is none here.", type: "object", additionalProperties: !1, properties: { processes: { $ref: "#/$defs/processes" }, cron: { $ref: "#/$defs/cron" }, healthTimeout: { $ref: "#/$defs/healthTimeout" }, callTimeout: { $ref: "#/$defs/callTimeout" }, smoke: { $ref: "#/$defs/smoke" }, aws: { $ref: "#/$defs/aws" } } }, one: { description: "Settings of one environment.", type: "object", additionalProperties: !1, properties: { processes: { $ref: "#/$defs/processes" }, cron: { $ref: "#/$defs/cron" }, healthTimeout: { $ref: "#/$defs/healthTimeout" }, callTimeout: { $ref: "#/$defs/callTimeout" }, smoke: { $ref: "#/$defs/smoke" }, aws: { $ref: "#/$defs/aws" }, port: { description: "The port its URL has on this machine. Default: any free one, kept for the environment's life.", type: "integer", minimum: 1, maximum: 65535 } } }, processes: { description: "`all-in-one`: every service in one process. `per-service`: one process per service, and one for the gateway.", enum: ["all-in-one", "per-service"], default: "all-in-one" }, cron: { description: "Whether cron jobs run on their schedule. Default: no in previews, yes elsewhere. A manual trigger always works.", type: "boolean" }, healthTimeout: { description: "How long a new process has to answer before the release is refused: a number and `ms`, `s` or `m`.", type: "string", pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", default: "30s" }, callTimeout: { description: "How long a call of one process waits for the answer of another: a number and `ms` (100 at least), `s`, `m` or `h`.", type: "string", pattern: "^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$", default: "5m" }, smoke: { description: "What a release has to do right after it was put up. If it does not, a promotion brings the former release back and fails.", type: "object", additionalProperties: !1, properties: { urls: { description: "What is asked for, all at once, each again every second until it answers as it should.", type: "array", maxItems: 20, items: { description: "A URL of the environment, and how it has to answer to a GET.", type: "object", additionalProperties: !1, required: ["path"], properties: { path: { description: "The path and query on the environment's own host, such as `/health`. Redirects within the host are followed.", type: "string", pattern: "^/(?!/)[^\\s\\\\]{0,1000}$" }, status: { description: "The status of the answer. Default: any from 200 to 299.", type: "integer", minimum: 100, maximum: 599 }, contains: { description: "What the first 256 KiB of the answer have to have in them.", type: "string", minLength: 1, maxLength: 1e3 } } } }, timeout: { description: "In what time all of them have to answer as they should: a number and `ms`, `s` or `m`.", type: "string", pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", default: "30s" }, command: { description: "A command to run as well, in a shell in the application's directory, with the environment's URL in `FAIRLEAD_URL`. On GitHub it runs in a job without credentials.", type: "string", minLength: 1, maxLength: 4e3 } } }, aws: { description: "What the environment has in AWS.", type: "object", additionalProperties: !1, properties: { databases: { description: "One database server for all databases (`shared`), or one for each (`dedicated`).", enum: ["shared", "dedicated"], default: "shared" }, database: { description: "The database server, or each of them.", type: "object", additionalProperties: !1, properties: { instanceClass: { description: "Of Amazon RDS. Default: db.t4g.micro; db.m5.large in production.", type: "string", pattern: "^db\\.[a-z0-9-]+\\.[a-z0-9-]+$" }, multiAz: { description: "Whether a second server stands by in another zone. Default: in production.", type: "boolean" }, storage: { description: "GiB.", type: "integer", minimum: 20, maximum: 65536, default: 20 }, maxStorage: { description: "GiB that it may grow to by itself. Default: ten times `storage`.", type: "integer", minimum: 20, maximum: 65536 }, backupDays: { description: "Days that one can go back to any point in time. Default: 1; 7 in production.", type: "integer", minimum: 1, maximum: 35 }, deletionProtection: { description: "Whether AWS refuses to delete it. Default: no in previews, else yes.", type: "boolean" }, version: { description: "The major version of PostgreSQL. Default: that of the server that is there, else the newest that Amazon RDS has.", type: "string", pattern: "^1[4-9]$|^[2-9][0-9]$" }, upgradeFrom: { description: "The major version that the server has now, to say that it shall go to `version`. There is no way back but a snapshot, and no database for some minutes.", type: "string", pattern: "^1[4-9]$|^[2-9][0-9]$" } } }, cache: { description: "The cache server, where there is a cache.", type: "object", additionalProperties: !1, properties: { nodeType: { description: "Of Amazon ElastiCache. Default: cache.t4g.micro; cache.m6g.large in production.", type: "string", pattern: "^cache\\.[a-z0-9-]+\\.[a-z0-9-]+$" }, replicas: { description: "Servers that stand by, besides the primary one. Default: 0; 1 in production.", type: "integer", minimum: 0, maximum: 5 } } }, cpu: { $ref: "#/$defs/cpu" }, memory: { $ref: "#/$defs/memory" }, scaling: { $ref: "#/$defs/scaling" }, processes: { description: "By process (`app`, `gateway`, or the name of a service): what it gets instead.", type: "object", additionalProperties: { description: "What the process gets.", type: "object", additionalProperties: !1, properties: { cpu: { $ref: "#/$defs/cpu" }, memory: { $ref: "#/$defs/memory" }, scaling: { $ref: "#/$defs/scaling" } } } }, natGateways: { description: "Gateways for what tasks send to the internet. 0: tasks have public addresses that nobody may connect to. Default: 0; 2 in production.", enum: [0, 1, 2] }, spot: { description: "Whether tasks run on spare capacity, which AWS may take back. Default: in previews.", type: "boolean" }, canary: { description: "How production changes over to a new release.", type: "object", additionalProperties: !1, properties: { percent: { description: "Percent of the requests that the new release gets first. 0: all at once.", type: "number", minimum: 0, maximum: 99, default: 10 }, minutes: { description: "Minutes that it gets them.", type: "integer", minimum: 0, maximum: 1440, default: 1 } } }, logRetention: { description: "Days that logs are kept. Default: 7; 90 in production.", enum: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653] }, alarms: { description: "Who hears of alarms: email addresses, and topics of Amazon SNS by their ARN. Default: nobody.", type: "array", maxItems: 20, uniqueItems: !0, items: { description: "An email address, or the ARN of a topic of Amazon SNS.", type: "string", pattern: "^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+|[^\\s@:]+@[^\\s@:]+\\.[^\\s@:]+)$" } }, expires: { description: "How long a preview is kept after its last deployment: a number and `m`, `h` or `d`. Other environments stay.", type: "string", pattern: "^[1-9][0-9]{0,2}[mhd]$", default: "7d" }, sleep: { description: "When previews sleep, in UTC. Default: never.", type: "object", additionalProperties: !1, required: ["at", "wake"], properties: { at: { $ref: "#/$defs/cronExpression" }, wake: { $ref: "#/$defs/cronExpression" } } }, telemetry: { description: "Where traces and metrics go. Default: nowhere.", type: "object", additionalProperties: !1, required: ["otlp"], properties: { otlp: { description: "A URL that takes OTLP over HTTP, without `/v1/traces`.", type: "string", pattern: "^https?://[^\\s/]+[^\\s]*$", maxLength: 1e3 }, traces: { type: "object", additionalProperties: !1, required: ["ratio"], properties: { ratio: { description: "How many of the traces that begin in the application are kept: 1 for all, 0 for none.", type: "number", minimum: 0, maximum: 1, default: 1 } } } } } } }, cpu: { description: "CPU units of a task of Fargate, of which 1024 are one CPU.", enum: [256, 512, 1024, 2048, 4096, 8192, 16384], default: 256 }, memory: { description: "MiB of a task of Fargate. What there is depends on `cpu`.", type: "integer", minimum: 512, maximum: 122880, default: 512 }, scaling: { description: "How many tasks run.", type: "object", additionalProperties: !1, properties: { min: { description: "At least. Default: 1; 2 in production.", type: "integer", minimum: 1, maximum: 500 }, max: { description: "At most. Default: 1; 10 in production.", type: "integer", minimum: 1, maximum: 500 }, cpu: { description: "Percent of CPU to keep to.", type: "integer", minimum: 10, maximum: 95, default: 60 } } }, cronExpression: { description: "A cron expression of five fields in UTC, such as `0 20 * * 1-5`.", type: "string", pattern: "^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$" } } }, schema32 = { description: "Names of packages.", type: "array", items: { description: "The name of a package, such as `sharp` or `@prisma/client`.", type: "string", pattern: "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$" }, uniqueItems: !0 }, func1 = require_ucs2length().default, func0 = require_equal().default, pattern4 = new RegExp("^[a-z](?:-?[a-z0-9])*$", "u"), pattern5 = new RegExp("^[^\\s]{1,512}$", "u"), pattern6 = new RegExp("^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$", "u"), pattern8 = new RegExp("^[a-z]{2}(-[a-z]+){1,2}-[0-9]$", "u"), pattern9 = new RegExp("^[0-9]{12}$", "u"), pattern11 = new RegExp("^(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", "u"), pattern12 = new RegExp("^Z[A-Z0-9]{1,31}$", "u"), pattern13 = new RegExp("^(?!pr-0)[a-z](?:-?[a-z0-9])*$", "u"), schema34 = { description: "Settings of one environment.", type: "object", additionalProperties: !1, properties: { processes: { $ref: "#/$defs/processes" }, cron: { $ref: "#/$defs/cron" }, healthTimeout: { $ref: "#/$defs/healthTimeout" }, callTimeout: { $ref: "#/$defs/callTimeout" }, smoke: { $ref: "#/$defs/smoke" }, aws: { $ref: "#/$defs/aws" }, port: { description: "The port its URL has on this machine. Default: any free one, kept for the environment's life.", type: "integer", minimum: 1, maximum: 65535 } } }, schema35 = { description: "`all-in-one`: every service in one process. `per-service`: one process per service, and one for the gateway.", enum: ["all-in-one", "per-service"], default: "all-in-one" }, schema36 = { description: "Whether cron jobs run on their schedule. Default: no in previews, yes elsewhere. A manual trigger always works.", type: "boolean" }, schema37 = { description: "How long a new process has to answer before the release is refused: a number and `ms`, `s` or `m`.", type: "string", pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", default: "30s" }, schema38 = { description: "How long a call of one process waits for the answer of another: a number and `ms` (100 at least), `s`, `m` or `h`.", type: "string", pattern: "^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$", default: "5m" }, schema39 = { description: "What a release has to do right after it was put up. If it does not, a promotion brings the former release back and fails.", type: "object", additionalProperties: !1, properties: { urls: { description: "What is asked for, all at once, each again every second until it answers as it should.", type: "array", maxItems: 20, items: { description: "A URL of the environment, and how it has to answer to a GET.", type: "object", additionalProperties: !1, required: ["path"], properties: { path: { description: "The path and query on the environment's own host, such as `/health`. Redirects within the host are followed.", type: "string", pattern: "^/(?!/)[^\\s\\\\]{0,1000}$" }, status: { description: "The status of the answer. Default: any from 200 to 299.", type: "integer", minimum: 100, maximum: 599 }, contains: { description: "What the first 256 KiB of the answer have to have in them.", type: "string", minLength: 1, maxLength: 1e3 } } } }, timeout: { description: "In what time all of them have to answer as they should: a number and `ms`, `s` or `m`.", type: "string", pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", default: "30s" }, command: { description: "A command to run as well, in a shell in the application's directory, with the environment's URL in `FAIRLEAD_URL`. On GitHub it runs in a job without credentials.", type: "string", minLength: 1, maxLength: 4e3 } } }, pattern14 = new RegExp("^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", "u"), pattern15 = new RegExp("^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$", "u"), pattern16 = new RegExp("^/(?!/)[^\\s\\\\]{0,1000}$", "u"), schema40 = { description: "What the environment has in AWS.", type: "object", additionalProperties: !1, properties: { databases: { description: "One database server for all databases (`shared`), or one for each (`dedicated`).", enum: ["shared", "dedicated"], default: "shared" }, database: { description: "The database server, or each of them.", type: "object", additionalProperties: !1, properties: { instanceClass: { description: "Of Amazon RDS. Default: db.t4g.micro; db.m5.large in production.", type: "string", pattern: "^db\\.[a-z0-9-]+\\.[a-z0-9-]+$" }, multiAz: { description: "Whether a second server stands by in another zone. Default: in production.", type: "boolean" }, storage: { description: "GiB.", type: "integer", minimum: 20, maximum: 65536, default: 20 }, maxStorage: { description: "GiB that it may grow to by itself. Default: ten times `storage`.", type: "integer", minimum: 20, maximum: 65536 }, backupDays: { description: "Days that one can go back to any point in time. Default: 1; 7 in production.", type: "integer", minimum: 1, maximum: 35 }, deletionProtection: { description: "Whether AWS refuses to delete it. Default: no in previews, else yes.", type: "boolean" }, version: { description: "The major version of PostgreSQL. Default: that of the server that is there, else the newest that Amazon RDS has.", type: "string", pattern: "^1[4-9]$|^[2-9][0-9]$" }, upgradeFrom: { description: "The major version that the server has now, to say that it shall go to `version`. There is no way back but a snapshot, and no database for some minutes.", type: "string", pattern: "^1[4-9]$|^[2-9][0-9]$" } } }, cache: { description: "The cache server, where there is a cache.", type: "object", additionalProperties: !1, properties: { nodeType: { description: "Of Amazon ElastiCache. Default: cache.t4g.micro; cache.m6g.large in production.", type: "string", pattern: "^cache\\.[a-z0-9-]+\\.[a-z0-9-]+$" }, replicas: { description: "Servers that stand by, besides the primary one. Default: 0; 1 in production.", type: "integer", minimum: 0, maximum: 5 } } }, cpu: { $ref: "#/$defs/cpu" }, memory: { $ref: "#/$defs/memory" }, scaling: { $ref: "#/$defs/scaling" }, processes: { description: "By process (`app`, `gateway`, or the name of a service): what it gets instead.", type: "object", additionalProperties: { description: "What the process gets.", type: "object", additionalProperties: !1, properties: { cpu: { $ref: "#/$defs/cpu" }, memory: { $ref: "#/$defs/memory" }, scaling: { $ref: "#/$defs/scaling" } } } }, natGateways: { description: "Gateways for what tasks send to the internet. 0: tasks have public addresses that nobody may connect to. Default: 0; 2 in production.", enum: [0, 1, 2] }, spot: { description: "Whether tasks run on spare capacity, which AWS may take back. Default: in previews.", type: "boolean" }, canary: { description: "How production changes over to a new release.", type: "object", additionalProperties: !1, properties: { percent: { description: "Percent of the requests that the new release gets first. 0: all at once.", type: "number", minimum: 0, maximum: 99, default: 10 }, minutes: { description: "Minutes that it gets them.", type: "integer", minimum: 0, maximum: 1440, default: 1 } } }, logRetention: { description: "Days that logs are kept. Default: 7; 90 in production.", enum: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653] }, alarms: { description: "Who hears of alarms: email addresses, and topics of Amazon SNS by their ARN. Default: nobody.", type: "array", maxItems: 20, uniqueItems: !0, items: { description: "An email address, or the ARN of a topic of Amazon SNS.", type: "string", pattern: "^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+|[^\\s@:]+@[^\\s@:]+\\.[^\\s@:]+)$" } }, expires: { description: "How long a preview is kept after its last deployment: a number and `m`, `h` or `d`. Other environments stay.", type: "string", pattern: "^[1-9][0-9]{0,2}[mhd]$", default: "7d" }, sleep: { description: "When previews sleep, in UTC. Default: never.", type: "object", additionalProperties: !1, required: ["at", "wake"], properties: { at: { $ref: "#/$defs/cronExpression" }, wake: { $ref: "#/$defs/cronExpression" } } }, telemetry: { description: "Where traces and metrics go. Default: nowhere.", type: "object", additionalProperties: !1, required: ["otlp"], properties: { otlp: { description: "A URL that takes OTLP over HTTP, without `/v1/traces`.", type: "string", pattern: "^https?://[^\\s/]+[^\\s]*$", maxLength: 1e3 }, traces: { type: "object", additionalProperties: !1, required: ["ratio"], properties: { ratio: { description: "How many of the traces that begin in the application are kept: 1 for all, 0 for none.", type: "number", minimum: 0, maximum: 1, default: 1 } } } } } } }, schema41 = { description: "CPU units of a task of Fargate, of which 1024 are one CPU.", enum: [256, 512, 1024, 2048, 4096, 8192, 16384], default: 256 }, schema42 = { description: "MiB of a task of Fargate. What there is depends on `cpu`.", type: "integer", minimum: 512, maximum: 122880, default: 512 }, schema43 = { description: "How many tasks run.", type: "object", additionalProperties: !1, properties: { min: { description: "At least. Default: 1; 2 in production.", type: "integer", minimum: 1, maximum: 500 }, max: { description: "At most. Default: 1; 10 in production.", type: "integer", minimum: 1, maximum: 500 }, cpu: { description: "Percent of CPU to keep to.", type: "integer", minimum: 10, maximum: 95, default: 60 } } }, schema47 = { description: "A cron expression of five fields in UTC, such as `0 20 * * 1-5`.", type: "string", pattern: "^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$" }, func10 = Object.prototype.hasOwnProperty, pattern18 = new RegExp("^db\\.[a-z0-9-]+\\.[a-z0-9-]+$", "u"), pattern19 = new RegExp("^1[4-9]$|^[2-9][0-9]$", "u"), pattern21 = new RegExp("^cache\\.[a-z0-9-]+\\.[a-z0-9-]+$", "u"), pattern22 = new RegExp("^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+|[^\\s@:]+@[^\\s@:]+\\.[^\\s@:]+)$", "u"), pattern23 = new RegExp("^[1-9][0-9]{0,2}[mhd]$", "u"), pattern24 = new RegExp("^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$", "u"), pattern26 = new RegExp("^https?://[^\\s/]+[^\\s]*$", "u");
    function validate22(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate22.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        for (let key0 in data)
          if (!func10.call(schema40.properties, key0)) {
            let err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema40, data };
            vErrors === null ? vErrors = [err0] : vErrors.push(err0), errors++;
          }
        if (data.databases !== void 0) {
          let data0 = data.databases;
          if (!(data0 === "shared" || data0 === "dedicated")) {
            let err1 = { instancePath: instancePath + "/databases", schemaPath: "#/properties/databases/enum", keyword: "enum", params: { allowedValues: schema40.properties.databases.enum }, message: "must be equal to one of the allowed values", schema: schema40.properties.databases.enum, parentSchema: schema40.properties.databases, data: data0 };
            vErrors === null ? vErrors = [err1] : vErrors.push(err1), errors++;
          }
        }
        if (data.database !== void 0) {
          let data1 = data.database;
          if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
            for (let key1 in data1)
              if (!(key1 === "instanceClass" || key1 === "multiAz" || key1 === "storage" || key1 === "maxStorage" || key1 === "backupDays" || key1 === "deletionProtection" || key1 === "version" || key1 === "upgradeFrom")) {
                let err2 = { instancePath: instancePath + "/database", schemaPath: "#/properties/database/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema40.properties.database, data: data1 };
                vErrors === null ? vErrors = [err2] : vErrors.push(err2), errors++;
              }
            if (data1.instanceClass !== void 0) {
              let data2 = data1.instanceClass;
              if (typeof data2 == "string") {
                if (!pattern18.test(data2)) {
                  let err3 = { instancePath: instancePath + "/database/instanceClass", schemaPath: "#/properties/database/properties/instanceClass/pattern", keyword: "pattern", params: { pattern: "^db\\.[a-z0-9-]+\\.[a-z0-9-]+$" }, message: 'must match pattern "^db\\.[a-z0-9-]+\\.[a-z0-9-]+$"', schema: "^db\\.[a-z0-9-]+\\.[a-z0-9-]+$", parentSchema: schema40.properties.database.properties.instanceClass, data: data2 };
                  vErrors === null ? vErrors = [err3] : vErrors.push(err3), errors++;
                }
              } else {
                let err4 = { instancePath: instancePath + "/database/instanceClass", schemaPath: "#/properties/database/properties/instanceClass/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema40.properties.database.properties.instanceClass.type, parentSchema: schema40.properties.database.properties.instanceClass, data: data2 };
                vErrors === null ? vErrors = [err4] : vErrors.push(err4), errors++;
              }
            }
            if (data1.multiAz !== void 0) {
              let data3 = data1.multiAz;
              if (typeof data3 != "boolean") {
                let err5 = { instancePath: instancePath + "/database/multiAz", schemaPath: "#/properties/database/properties/multiAz/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean", schema: schema40.properties.database.properties.multiAz.type, parentSchema: schema40.properties.database.properties.multiAz, data: data3 };
                vErrors === null ? vErrors = [err5] : vErrors.push(err5), errors++;
              }
            }
            if (data1.storage !== void 0) {
              let data4 = data1.storage;
              if (!(typeof data4 == "number" && !(data4 % 1) && !isNaN(data4) && isFinite(data4))) {
                let err6 = { instancePath: instancePath + "/database/storage", schemaPath: "#/properties/database/properties/storage/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema40.properties.database.properties.storage.type, parentSchema: schema40.properties.database.properties.storage, data: data4 };
                vErrors === null ? vErrors = [err6] : vErrors.push(err6), errors++;
              }
              if (typeof data4 == "number" && isFinite(data4)) {
                if (data4 > 65536 || isNaN(data4)) {
                  let err7 = { instancePath: instancePath + "/database/storage", schemaPath: "#/properties/database/properties/storage/maximum", keyword: "maximum", params: { comparison: "<=", limit: 65536 }, message: "must be <= 65536", schema: 65536, parentSchema: schema40.properties.database.properties.storage, data: data4 };
                  vErrors === null ? vErrors = [err7] : vErrors.push(err7), errors++;
                }
                if (data4 < 20 || isNaN(data4)) {
                  let err8 = { instancePath: instancePath + "/database/storage", schemaPath: "#/properties/database/properties/storage/minimum", keyword: "minimum", params: { comparison: ">=", limit: 20 }, message: "must be >= 20", schema: 20, parentSchema: schema40.properties.database.properties.storage, data: data4 };
                  vErrors === null ? vErrors = [err8] : vErrors.push(err8), errors++;
                }
              }
            }
            if (data1.maxStorage !== void 0) {
              let data5 = data1.maxStorage;
              if (!(typeof data5 == "number" && !(data5 % 1) && !isNaN(data5) && isFinite(data5))) {
                let err9 = { instancePath: instancePath + "/database/maxStorage", schemaPath: "#/properties/database/properties/maxStorage/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema40.properties.database.properties.maxStorage.type, parentSchema: schema40.properties.database.properties.maxStorage, data: data5 };
                vErrors === null ? vErrors = [err9] : vErrors.push(err9), errors++;
              }
              if (typeof data5 == "number" && isFinite(data5)) {
                if (data5 > 65536 || isNaN(data5)) {
                  let err10 = { instancePath: instancePath + "/database/maxStorage", schemaPath: "#/properties/database/properties/maxStorage/maximum", keyword: "maximum", params: { comparison: "<=", limit: 65536 }, message: "must be <= 65536", schema: 65536, parentSchema: schema40.properties.database.properties.maxStorage, data: data5 };
                  vErrors === null ? vErrors = [err10] : vErrors.push(err10), errors++;
                }
                if (data5 < 20 || isNaN(data5)) {
                  let err11 = { instancePath: instancePath + "/database/maxStorage", schemaPath: "#/properties/database/properties/maxStorage/minimum", keyword: "minimum", params: { comparison: ">=", limit: 20 }, message: "must be >= 20", schema: 20, parentSchema: schema40.properties.database.properties.maxStorage, data: data5 };
                  vErrors === null ? vErrors = [err11] : vErrors.push(err11), errors++;
                }
              }
            }
            if (data1.backupDays !== void 0) {
              let data6 = data1.backupDays;
              if (!(typeof data6 == "number" && !(data6 % 1) && !isNaN(data6) && isFinite(data6))) {
                let err12 = { instancePath: instancePath + "/database/backupDays", schemaPath: "#/properties/database/properties/backupDays/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema40.properties.database.properties.backupDays.type, parentSchema: schema40.properties.database.properties.backupDays, data: data6 };
                vErrors === null ? vErrors = [err12] : vErrors.push(err12), errors++;
              }
              if (typeof data6 == "number" && isFinite(data6)) {
                if (data6 > 35 || isNaN(data6)) {
                  let err13 = { instancePath: instancePath + "/database/backupDays", schemaPath: "#/properties/database/properties/backupDays/maximum", keyword: "maximum", params: { comparison: "<=", limit: 35 }, message: "must be <= 35", schema: 35, parentSchema: schema40.properties.database.properties.backupDays, data: data6 };
                  vErrors === null ? vErrors = [err13] : vErrors.push(err13), errors++;
                }
                if (data6 < 1 || isNaN(data6)) {
                  let err14 = { instancePath: instancePath + "/database/backupDays", schemaPath: "#/properties/database/properties/backupDays/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema40.properties.database.properties.backupDays, data: data6 };
                  vErrors === null ? vErrors = [err14] : vErrors.push(err14), errors++;
                }
              }
            }
            if (data1.deletionProtection !== void 0) {
              let data7 = data1.deletionProtection;
              if (typeof data7 != "boolean") {
                let err15 = { instancePath: instancePath + "/database/deletionProtection", schemaPath: "#/properties/database/properties/deletionProtection/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean", schema: schema40.properties.database.properties.deletionProtection.type, parentSchema: schema40.properties.database.properties.deletionProtection, data: data7 };
                vErrors === null ? vErrors = [err15] : vErrors.push(err15), errors++;
              }
            }
            if (data1.version !== void 0) {
              let data8 = data1.version;
              if (typeof data8 == "string") {
                if (!pattern19.test(data8)) {
                  let err16 = { instancePath: instancePath + "/database/version", schemaPath: "#/properties/database/properties/version/pattern", keyword: "pattern", params: { pattern: "^1[4-9]$|^[2-9][0-9]$" }, message: 'must match pattern "^1[4-9]$|^[2-9][0-9]$"', schema: "^1[4-9]$|^[2-9][0-9]$", parentSchema: schema40.properties.database.properties.version, data: data8 };
                  vErrors === null ? vErrors = [err16] : vErrors.push(err16), errors++;
                }
              } else {
                let err17 = { instancePath: instancePath + "/database/version", schemaPath: "#/properties/database/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema40.properties.database.properties.version.type, parentSchema: schema40.properties.database.properties.version, data: data8 };
                vErrors === null ? vErrors = [err17] : vErrors.push(err17), errors++;
              }
            }
            if (data1.upgradeFrom !== void 0) {
              let data9 = data1.upgradeFrom;
              if (typeof data9 == "string") {
                if (!pattern19.test(data9)) {
                  let err18 = { instancePath: instancePath + "/database/upgradeFrom", schemaPath: "#/properties/database/properties/upgradeFrom/pattern", keyword: "pattern", params: { pattern: "^1[4-9]$|^[2-9][0-9]$" }, message: 'must match pattern "^1[4-9]$|^[2-9][0-9]$"', schema: "^1[4-9]$|^[2-9][0-9]$", parentSchema: schema40.properties.database.properties.upgradeFrom, data: data9 };
                  vErrors === null ? vErrors = [err18] : vErrors.push(err18), errors++;
                }
              } else {
                let err19 = { instancePath: instancePath + "/database/upgradeFrom", schemaPath: "#/properties/database/properties/upgradeFrom/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema40.properties.database.properties.upgradeFrom.type, parentSchema: schema40.properties.database.properties.upgradeFrom, data: data9 };
                vErrors === null ? vErrors = [err19] : vErrors.push(err19), errors++;
              }
            }
          } else {
            let err20 = { instancePath: instancePath + "/database", schemaPath: "#/properties/database/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.properties.database.type, parentSchema: schema40.properties.database, data: data1 };
            vErrors === null ? vErrors = [err20] : vErrors.push(err20), errors++;
          }
        }
        if (data.cache !== void 0) {
          let data10 = data.cache;
          if (data10 && typeof data10 == "object" && !Array.isArray(data10)) {
            for (let key2 in data10)
              if (!(key2 === "nodeType" || key2 === "replicas")) {
                let err21 = { instancePath: instancePath + "/cache", schemaPath: "#/properties/cache/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key2 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema40.properties.cache, data: data10 };
                vErrors === null ? vErrors = [err21] : vErrors.push(err21), errors++;
              }
            if (data10.nodeType !== void 0) {
              let data11 = data10.nodeType;
              if (typeof data11 == "string") {
                if (!pattern21.test(data11)) {
                  let err22 = { instancePath: instancePath + "/cache/nodeType", schemaPath: "#/properties/cache/properties/nodeType/pattern", keyword: "pattern", params: { pattern: "^cache\\.[a-z0-9-]+\\.[a-z0-9-]+$" }, message: 'must match pattern "^cache\\.[a-z0-9-]+\\.[a-z0-9-]+$"', schema: "^cache\\.[a-z0-9-]+\\.[a-z0-9-]+$", parentSchema: schema40.properties.cache.properties.nodeType, data: data11 };
                  vErrors === null ? vErrors = [err22] : vErrors.push(err22), errors++;
                }
              } else {
                let err23 = { instancePath: instancePath + "/cache/nodeType", schemaPath: "#/properties/cache/properties/nodeType/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema40.properties.cache.properties.nodeType.type, parentSchema: schema40.properties.cache.properties.nodeType, data: data11 };
                vErrors === null ? vErrors = [err23] : vErrors.push(err23), errors++;
              }
            }
            if (data10.replicas !== void 0) {
              let data12 = data10.replicas;
              if (!(typeof data12 == "number" && !(data12 % 1) && !isNaN(data12) && isFinite(data12))) {
                let err24 = { instancePath: instancePath + "/cache/replicas", schemaPath: "#/properties/cache/properties/replicas/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema40.properties.cache.properties.replicas.type, parentSchema: schema40.properties.cache.properties.replicas, data: data12 };
                vErrors === null ? vErrors = [err24] : vErrors.push(err24), errors++;
              }
              if (typeof data12 == "number" && isFinite(data12)) {
                if (data12 > 5 || isNaN(data12)) {
                  let err25 = { instancePath: instancePath + "/cache/replicas", schemaPath: "#/properties/cache/properties/replicas/maximum", keyword: "maximum", params: { comparison: "<=", limit: 5 }, message: "must be <= 5", schema: 5, parentSchema: schema40.properties.cache.properties.replicas, data: data12 };
                  vErrors === null ? vErrors = [err25] : vErrors.push(err25), errors++;
                }
                if (data12 < 0 || isNaN(data12)) {
                  let err26 = { instancePath: instancePath + "/cache/replicas", schemaPath: "#/properties/cache/properties/replicas/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0", schema: 0, parentSchema: schema40.properties.cache.properties.replicas, data: data12 };
                  vErrors === null ? vErrors = [err26] : vErrors.push(err26), errors++;
                }
              }
            }
          } else {
            let err27 = { instancePath: instancePath + "/cache", schemaPath: "#/properties/cache/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.properties.cache.type, parentSchema: schema40.properties.cache, data: data10 };
            vErrors === null ? vErrors = [err27] : vErrors.push(err27), errors++;
          }
        }
        if (data.cpu !== void 0) {
          let data13 = data.cpu;
          if (!(data13 === 256 || data13 === 512 || data13 === 1024 || data13 === 2048 || data13 === 4096 || data13 === 8192 || data13 === 16384)) {
            let err28 = { instancePath: instancePath + "/cpu", schemaPath: "#/$defs/cpu/enum", keyword: "enum", params: { allowedValues: schema41.enum }, message: "must be equal to one of the allowed values", schema: schema41.enum, parentSchema: schema41, data: data13 };
            vErrors === null ? vErrors = [err28] : vErrors.push(err28), errors++;
          }
        }
        if (data.memory !== void 0) {
          let data14 = data.memory;
          if (!(typeof data14 == "number" && !(data14 % 1) && !isNaN(data14) && isFinite(data14))) {
            let err29 = { instancePath: instancePath + "/memory", schemaPath: "#/$defs/memory/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema42.type, parentSchema: schema42, data: data14 };
            vErrors === null ? vErrors = [err29] : vErrors.push(err29), errors++;
          }
          if (typeof data14 == "number" && isFinite(data14)) {
            if (data14 > 122880 || isNaN(data14)) {
              let err30 = { instancePath: instancePath + "/memory", schemaPath: "#/$defs/memory/maximum", keyword: "maximum", params: { comparison: "<=", limit: 122880 }, message: "must be <= 122880", schema: 122880, parentSchema: schema42, data: data14 };
              vErrors === null ? vErrors = [err30] : vErrors.push(err30), errors++;
            }
            if (data14 < 512 || isNaN(data14)) {
              let err31 = { instancePath: instancePath + "/memory", schemaPath: "#/$defs/memory/minimum", keyword: "minimum", params: { comparison: ">=", limit: 512 }, message: "must be >= 512", schema: 512, parentSchema: schema42, data: data14 };
              vErrors === null ? vErrors = [err31] : vErrors.push(err31), errors++;
            }
          }
        }
        if (data.scaling !== void 0) {
          let data15 = data.scaling;
          if (data15 && typeof data15 == "object" && !Array.isArray(data15)) {
            for (let key3 in data15)
              if (!(key3 === "min" || key3 === "max" || key3 === "cpu")) {
                let err32 = { instancePath: instancePath + "/scaling", schemaPath: "#/$defs/scaling/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key3 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema43, data: data15 };
                vErrors === null ? vErrors = [err32] : vErrors.push(err32), errors++;
              }
            if (data15.min !== void 0) {
              let data16 = data15.min;
              if (!(typeof data16 == "number" && !(data16 % 1) && !isNaN(data16) && isFinite(data16))) {
                let err33 = { instancePath: instancePath + "/scaling/min", schemaPath: "#/$defs/scaling/properties/min/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema43.properties.min.type, parentSchema: schema43.properties.min, data: data16 };
                vErrors === null ? vErrors = [err33] : vErrors.push(err33), errors++;
              }
              if (typeof data16 == "number" && isFinite(data16)) {
                if (data16 > 500 || isNaN(data16)) {
                  let err34 = { instancePath: instancePath + "/scaling/min", schemaPath: "#/$defs/scaling/properties/min/maximum", keyword: "maximum", params: { comparison: "<=", limit: 500 }, message: "must be <= 500", schema: 500, parentSchema: schema43.properties.min, data: data16 };
                  vErrors === null ? vErrors = [err34] : vErrors.push(err34), errors++;
                }
                if (data16 < 1 || isNaN(data16)) {
                  let err35 = { instancePath: instancePath + "/scaling/min", schemaPath: "#/$defs/scaling/properties/min/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema43.properties.min, data: data16 };
                  vErrors === null ? vErrors = [err35] : vErrors.push(err35), errors++;
                }
              }
            }
            if (data15.max !== void 0) {
              let data17 = data15.max;
              if (!(typeof data17 == "number" && !(data17 % 1) && !isNaN(data17) && isFinite(data17))) {
                let err36 = { instancePath: instancePath + "/scaling/max", schemaPath: "#/$defs/scaling/properties/max/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema43.properties.max.type, parentSchema: schema43.properties.max, data: data17 };
                vErrors === null ? vErrors = [err36] : vErrors.push(err36), errors++;
              }
              if (typeof data17 == "number" && isFinite(data17)) {
                if (data17 > 500 || isNaN(data17)) {
                  let err37 = { instancePath: instancePath + "/scaling/max", schemaPath: "#/$defs/scaling/properties/max/maximum", keyword: "maximum", params: { comparison: "<=", limit: 500 }, message: "must be <= 500", schema: 500, parentSchema: schema43.properties.max, data: data17 };
                  vErrors === null ? vErrors = [err37] : vErrors.push(err37), errors++;
                }
                if (data17 < 1 || isNaN(data17)) {
                  let err38 = { instancePath: instancePath + "/scaling/max", schemaPath: "#/$defs/scaling/properties/max/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema43.properties.max, data: data17 };
                  vErrors === null ? vErrors = [err38] : vErrors.push(err38), errors++;
                }
              }
            }
            if (data15.cpu !== void 0) {
              let data18 = data15.cpu;
              if (!(typeof data18 == "number" && !(data18 % 1) && !isNaN(data18) && isFinite(data18))) {
                let err39 = { instancePath: instancePath + "/scaling/cpu", schemaPath: "#/$defs/scaling/properties/cpu/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema43.properties.cpu.type, parentSchema: schema43.properties.cpu, data: data18 };
                vErrors === null ? vErrors = [err39] : vErrors.push(err39), errors++;
              }
              if (typeof data18 == "number" && isFinite(data18)) {
                if (data18 > 95 || isNaN(data18)) {
                  let err40 = { instancePath: instancePath + "/scaling/cpu", schemaPath: "#/$defs/scaling/properties/cpu/maximum", keyword: "maximum", params: { comparison: "<=", limit: 95 }, message: "must be <= 95", schema: 95, parentSchema: schema43.properties.cpu, data: data18 };
                  vErrors === null ? vErrors = [err40] : vErrors.push(err40), errors++;
                }
                if (data18 < 10 || isNaN(data18)) {
                  let err41 = { instancePath: instancePath + "/scaling/cpu", schemaPath: "#/$defs/scaling/properties/cpu/minimum", keyword: "minimum", params: { comparison: ">=", limit: 10 }, message: "must be >= 10", schema: 10, parentSchema: schema43.properties.cpu, data: data18 };
                  vErrors === null ? vErrors = [err41] : vErrors.push(err41), errors++;
                }
              }
            }
          } else {
            let err42 = { instancePath: instancePath + "/scaling", schemaPath: "#/$defs/scaling/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema43.type, parentSchema: schema43, data: data15 };
            vErrors === null ? vErrors = [err42] : vErrors.push(err42), errors++;
          }
        }
        if (data.processes !== void 0) {
          let data19 = data.processes;
          if (data19 && typeof data19 == "object" && !Array.isArray(data19))
            for (let key4 in data19) {
              let data20 = data19[key4];
              if (data20 && typeof data20 == "object" && !Array.isArray(data20)) {
                for (let key5 in data20)
                  if (!(key5 === "cpu" || key5 === "memory" || key5 === "scaling")) {
                    let err43 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/processes/additionalProperties/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key5 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema40.properties.processes.additionalProperties, data: data20 };
                    vErrors === null ? vErrors = [err43] : vErrors.push(err43), errors++;
                  }
                if (data20.cpu !== void 0) {
                  let data21 = data20.cpu;
                  if (!(data21 === 256 || data21 === 512 || data21 === 1024 || data21 === 2048 || data21 === 4096 || data21 === 8192 || data21 === 16384)) {
                    let err44 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/cpu", schemaPath: "#/$defs/cpu/enum", keyword: "enum", params: { allowedValues: schema41.enum }, message: "must be equal to one of the allowed values", schema: schema41.enum, parentSchema: schema41, data: data21 };
                    vErrors === null ? vErrors = [err44] : vErrors.push(err44), errors++;
                  }
                }
                if (data20.memory !== void 0) {
                  let data22 = data20.memory;
                  if (!(typeof data22 == "number" && !(data22 % 1) && !isNaN(data22) && isFinite(data22))) {
                    let err45 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/memory", schemaPath: "#/$defs/memory/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema42.type, parentSchema: schema42, data: data22 };
                    vErrors === null ? vErrors = [err45] : vErrors.push(err45), errors++;
                  }
                  if (typeof data22 == "number" && isFinite(data22)) {
                    if (data22 > 122880 || isNaN(data22)) {
                      let err46 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/memory", schemaPath: "#/$defs/memory/maximum", keyword: "maximum", params: { comparison: "<=", limit: 122880 }, message: "must be <= 122880", schema: 122880, parentSchema: schema42, data: data22 };
                      vErrors === null ? vErrors = [err46] : vErrors.push(err46), errors++;
                    }
                    if (data22 < 512 || isNaN(data22)) {
                      let err47 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/memory", schemaPath: "#/$defs/memory/minimum", keyword: "minimum", params: { comparison: ">=", limit: 512 }, message: "must be >= 512", schema: 512, parentSchema: schema42, data: data22 };
                      vErrors === null ? vErrors = [err47] : vErrors.push(err47), errors++;
                    }
                  }
                }
                if (data20.scaling !== void 0) {
                  let data23 = data20.scaling;
                  if (data23 && typeof data23 == "object" && !Array.isArray(data23)) {
                    for (let key6 in data23)
                      if (!(key6 === "min" || key6 === "max" || key6 === "cpu")) {
                        let err48 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling", schemaPath: "#/$defs/scaling/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key6 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema43, data: data23 };
                        vErrors === null ? vErrors = [err48] : vErrors.push(err48), errors++;
                      }
                    if (data23.min !== void 0) {
                      let data24 = data23.min;
                      if (!(typeof data24 == "number" && !(data24 % 1) && !isNaN(data24) && isFinite(data24))) {
                        let err49 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/min", schemaPath: "#/$defs/scaling/properties/min/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema43.properties.min.type, parentSchema: schema43.properties.min, data: data24 };
                        vErrors === null ? vErrors = [err49] : vErrors.push(err49), errors++;
                      }
                      if (typeof data24 == "number" && isFinite(data24)) {
                        if (data24 > 500 || isNaN(data24)) {
                          let err50 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/min", schemaPath: "#/$defs/scaling/properties/min/maximum", keyword: "maximum", params: { comparison: "<=", limit: 500 }, message: "must be <= 500", schema: 500, parentSchema: schema43.properties.min, data: data24 };
                          vErrors === null ? vErrors = [err50] : vErrors.push(err50), errors++;
                        }
                        if (data24 < 1 || isNaN(data24)) {
                          let err51 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/min", schemaPath: "#/$defs/scaling/properties/min/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema43.properties.min, data: data24 };
                          vErrors === null ? vErrors = [err51] : vErrors.push(err51), errors++;
                        }
                      }
                    }
                    if (data23.max !== void 0) {
                      let data25 = data23.max;
                      if (!(typeof data25 == "number" && !(data25 % 1) && !isNaN(data25) && isFinite(data25))) {
                        let err52 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/max", schemaPath: "#/$defs/scaling/properties/max/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema43.properties.max.type, parentSchema: schema43.properties.max, data: data25 };
                        vErrors === null ? vErrors = [err52] : vErrors.push(err52), errors++;
                      }
                      if (typeof data25 == "number" && isFinite(data25)) {
                        if (data25 > 500 || isNaN(data25)) {
                          let err53 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/max", schemaPath: "#/$defs/scaling/properties/max/maximum", keyword: "maximum", params: { comparison: "<=", limit: 500 }, message: "must be <= 500", schema: 500, parentSchema: schema43.properties.max, data: data25 };
                          vErrors === null ? vErrors = [err53] : vErrors.push(err53), errors++;
                        }
                        if (data25 < 1 || isNaN(data25)) {
                          let err54 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/max", schemaPath: "#/$defs/scaling/properties/max/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema43.properties.max, data: data25 };
                          vErrors === null ? vErrors = [err54] : vErrors.push(err54), errors++;
                        }
                      }
                    }
                    if (data23.cpu !== void 0) {
                      let data26 = data23.cpu;
                      if (!(typeof data26 == "number" && !(data26 % 1) && !isNaN(data26) && isFinite(data26))) {
                        let err55 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/cpu", schemaPath: "#/$defs/scaling/properties/cpu/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema43.properties.cpu.type, parentSchema: schema43.properties.cpu, data: data26 };
                        vErrors === null ? vErrors = [err55] : vErrors.push(err55), errors++;
                      }
                      if (typeof data26 == "number" && isFinite(data26)) {
                        if (data26 > 95 || isNaN(data26)) {
                          let err56 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/cpu", schemaPath: "#/$defs/scaling/properties/cpu/maximum", keyword: "maximum", params: { comparison: "<=", limit: 95 }, message: "must be <= 95", schema: 95, parentSchema: schema43.properties.cpu, data: data26 };
                          vErrors === null ? vErrors = [err56] : vErrors.push(err56), errors++;
                        }
                        if (data26 < 10 || isNaN(data26)) {
                          let err57 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling/cpu", schemaPath: "#/$defs/scaling/properties/cpu/minimum", keyword: "minimum", params: { comparison: ">=", limit: 10 }, message: "must be >= 10", schema: 10, parentSchema: schema43.properties.cpu, data: data26 };
                          vErrors === null ? vErrors = [err57] : vErrors.push(err57), errors++;
                        }
                      }
                    }
                  } else {
                    let err58 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1") + "/scaling", schemaPath: "#/$defs/scaling/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema43.type, parentSchema: schema43, data: data23 };
                    vErrors === null ? vErrors = [err58] : vErrors.push(err58), errors++;
                  }
                }
              } else {
                let err59 = { instancePath: instancePath + "/processes/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/processes/additionalProperties/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.properties.processes.additionalProperties.type, parentSchema: schema40.properties.processes.additionalProperties, data: data20 };
                vErrors === null ? vErrors = [err59] : vErrors.push(err59), errors++;
              }
            }
          else {
            let err60 = { instancePath: instancePath + "/processes", schemaPath: "#/properties/processes/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.properties.processes.type, parentSchema: schema40.properties.processes, data: data19 };
            vErrors === null ? vErrors = [err60] : vErrors.push(err60), errors++;
          }
        }
        if (data.natGateways !== void 0) {
          let data27 = data.natGateways;
          if (!(data27 === 0 || data27 === 1 || data27 === 2)) {
            let err61 = { instancePath: instancePath + "/natGateways", schemaPath: "#/properties/natGateways/enum", keyword: "enum", params: { allowedValues: schema40.properties.natGateways.enum }, message: "must be equal to one of the allowed values", schema: schema40.properties.natGateways.enum, parentSchema: schema40.properties.natGateways, data: data27 };
            vErrors === null ? vErrors = [err61] : vErrors.push(err61), errors++;
          }
        }
        if (data.spot !== void 0) {
          let data28 = data.spot;
          if (typeof data28 != "boolean") {
            let err62 = { instancePath: instancePath + "/spot", schemaPath: "#/properties/spot/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean", schema: schema40.properties.spot.type, parentSchema: schema40.properties.spot, data: data28 };
            vErrors === null ? vErrors = [err62] : vErrors.push(err62), errors++;
          }
        }
        if (data.canary !== void 0) {
          let data29 = data.canary;
          if (data29 && typeof data29 == "object" && !Array.isArray(data29)) {
            for (let key7 in data29)
              if (!(key7 === "percent" || key7 === "minutes")) {
                let err63 = { instancePath: instancePath + "/canary", schemaPath: "#/properties/canary/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key7 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema40.properties.canary, data: data29 };
                vErrors === null ? vErrors = [err63] : vErrors.push(err63), errors++;
              }
            if (data29.percent !== void 0) {
              let data30 = data29.percent;
              if (typeof data30 == "number" && isFinite(data30)) {
                if (data30 > 99 || isNaN(data30)) {
                  let err64 = { instancePath: instancePath + "/canary/percent", schemaPath: "#/properties/canary/properties/percent/maximum", keyword: "maximum", params: { comparison: "<=", limit: 99 }, message: "must be <= 99", schema: 99, parentSchema: schema40.properties.canary.properties.percent, data: data30 };
                  vErrors === null ? vErrors = [err64] : vErrors.push(err64), errors++;
                }
                if (data30 < 0 || isNaN(data30)) {
                  let err65 = { instancePath: instancePath + "/canary/percent", schemaPath: "#/properties/canary/properties/percent/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0", schema: 0, parentSchema: schema40.properties.canary.properties.percent, data: data30 };
                  vErrors === null ? vErrors = [err65] : vErrors.push(err65), errors++;
                }
              } else {
                let err66 = { instancePath: instancePath + "/canary/percent", schemaPath: "#/properties/canary/properties/percent/type", keyword: "type", params: { type: "number" }, message: "must be number", schema: schema40.properties.canary.properties.percent.type, parentSchema: schema40.properties.canary.properties.percent, data: data30 };
                vErrors === null ? vErrors = [err66] : vErrors.push(err66), errors++;
              }
            }
            if (data29.minutes !== void 0) {
              let data31 = data29.minutes;
              if (!(typeof data31 == "number" && !(data31 % 1) && !isNaN(data31) && isFinite(data31))) {
                let err67 = { instancePath: instancePath + "/canary/minutes", schemaPath: "#/properties/canary/properties/minutes/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema40.properties.canary.properties.minutes.type, parentSchema: schema40.properties.canary.properties.minutes, data: data31 };
                vErrors === null ? vErrors = [err67] : vErrors.push(err67), errors++;
              }
              if (typeof data31 == "number" && isFinite(data31)) {
                if (data31 > 1440 || isNaN(data31)) {
                  let err68 = { instancePath: instancePath + "/canary/minutes", schemaPath: "#/properties/canary/properties/minutes/maximum", keyword: "maximum", params: { comparison: "<=", limit: 1440 }, message: "must be <= 1440", schema: 1440, parentSchema: schema40.properties.canary.properties.minutes, data: data31 };
                  vErrors === null ? vErrors = [err68] : vErrors.push(err68), errors++;
                }
                if (data31 < 0 || isNaN(data31)) {
                  let err69 = { instancePath: instancePath + "/canary/minutes", schemaPath: "#/properties/canary/properties/minutes/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0", schema: 0, parentSchema: schema40.properties.canary.properties.minutes, data: data31 };
                  vErrors === null ? vErrors = [err69] : vErrors.push(err69), errors++;
                }
              }
            }
          } else {
            let err70 = { instancePath: instancePath + "/canary", schemaPath: "#/properties/canary/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.properties.canary.type, parentSchema: schema40.properties.canary, data: data29 };
            vErrors === null ? vErrors = [err70] : vErrors.push(err70), errors++;
          }
        }
        if (data.logRetention !== void 0) {
          let data32 = data.logRetention;
          if (!(data32 === 1 || data32 === 3 || data32 === 5 || data32 === 7 || data32 === 14 || data32 === 30 || data32 === 60 || data32 === 90 || data32 === 120 || data32 === 150 || data32 === 180 || data32 === 365 || data32 === 400 || data32 === 545 || data32 === 731 || data32 === 1096 || data32 === 1827 || data32 === 2192 || data32 === 2557 || data32 === 2922 || data32 === 3288 || data32 === 3653)) {
            let err71 = { instancePath: instancePath + "/logRetention", schemaPath: "#/properties/logRetention/enum", keyword: "enum", params: { allowedValues: schema40.properties.logRetention.enum }, message: "must be equal to one of the allowed values", schema: schema40.properties.logRetention.enum, parentSchema: schema40.properties.logRetention, data: data32 };
            vErrors === null ? vErrors = [err71] : vErrors.push(err71), errors++;
          }
        }
        if (data.alarms !== void 0) {
          let data33 = data.alarms;
          if (Array.isArray(data33)) {
            if (data33.length > 20) {
              let err72 = { instancePath: instancePath + "/alarms", schemaPath: "#/properties/alarms/maxItems", keyword: "maxItems", params: { limit: 20 }, message: "must NOT have more than 20 items", schema: 20, parentSchema: schema40.properties.alarms, data: data33 };
              vErrors === null ? vErrors = [err72] : vErrors.push(err72), errors++;
            }
            let len0 = data33.length;
            for (let i0 = 0; i0 < len0; i0++) {
              let data34 = data33[i0];
              if (typeof data34 == "string") {
                if (!pattern22.test(data34)) {
                  let err73 = { instancePath: instancePath + "/alarms/" + i0, schemaPath: "#/properties/alarms/items/pattern", keyword: "pattern", params: { pattern: "^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+|[^\\s@:]+@[^\\s@:]+\\.[^\\s@:]+)$" }, message: 'must match pattern "^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+|[^\\s@:]+@[^\\s@:]+\\.[^\\s@:]+)$"', schema: "^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+|[^\\s@:]+@[^\\s@:]+\\.[^\\s@:]+)$", parentSchema: schema40.properties.alarms.items, data: data34 };
                  vErrors === null ? vErrors = [err73] : vErrors.push(err73), errors++;
                }
              } else {
                let err74 = { instancePath: instancePath + "/alarms/" + i0, schemaPath: "#/properties/alarms/items/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema40.properties.alarms.items.type, parentSchema: schema40.properties.alarms.items, data: data34 };
                vErrors === null ? vErrors = [err74] : vErrors.push(err74), errors++;
              }
            }
            let i1 = data33.length, j0;
            if (i1 > 1) {
              let indices0 = {};
              for (; i1--; ) {
                let item0 = data33[i1];
                if (typeof item0 == "string") {
                  if (typeof indices0[item0] == "number") {
                    j0 = indices0[item0];
                    let err75 = { instancePath: instancePath + "/alarms", schemaPath: "#/properties/alarms/uniqueItems", keyword: "uniqueItems", params: { i: i1, j: j0 }, message: "must NOT have duplicate items (items ## " + j0 + " and " + i1 + " are identical)", schema: !0, parentSchema: schema40.properties.alarms, data: data33 };
                    vErrors === null ? vErrors = [err75] : vErrors.push(err75), errors++;
                    break;
                  }
                  indices0[item0] = i1;
                }
              }
            }
          } else {
            let err76 = { instancePath: instancePath + "/alarms", schemaPath: "#/properties/alarms/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema40.properties.alarms.type, parentSchema: schema40.properties.alarms, data: data33 };
            vErrors === null ? vErrors = [err76] : vErrors.push(err76), errors++;
          }
        }
        if (data.expires !== void 0) {
          let data35 = data.expires;
          if (typeof data35 == "string") {
            if (!pattern23.test(data35)) {
              let err77 = { instancePath: instancePath + "/expires", schemaPath: "#/properties/expires/pattern", keyword: "pattern", params: { pattern: "^[1-9][0-9]{0,2}[mhd]$" }, message: 'must match pattern "^[1-9][0-9]{0,2}[mhd]$"', schema: "^[1-9][0-9]{0,2}[mhd]$", parentSchema: schema40.properties.expires, data: data35 };
              vErrors === null ? vErrors = [err77] : vErrors.push(err77), errors++;
            }
          } else {
            let err78 = { instancePath: instancePath + "/expires", schemaPath: "#/properties/expires/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema40.properties.expires.type, parentSchema: schema40.properties.expires, data: data35 };
            vErrors === null ? vErrors = [err78] : vErrors.push(err78), errors++;
          }
        }
        if (data.sleep !== void 0) {
          let data36 = data.sleep;
          if (data36 && typeof data36 == "object" && !Array.isArray(data36)) {
            if (data36.at === void 0) {
              let err79 = { instancePath: instancePath + "/sleep", schemaPath: "#/properties/sleep/required", keyword: "required", params: { missingProperty: "at" }, message: "must have required property 'at'", schema: schema40.properties.sleep.required, parentSchema: schema40.properties.sleep, data: data36 };
              vErrors === null ? vErrors = [err79] : vErrors.push(err79), errors++;
            }
            if (data36.wake === void 0) {
              let err80 = { instancePath: instancePath + "/sleep", schemaPath: "#/properties/sleep/required", keyword: "required", params: { missingProperty: "wake" }, message: "must have required property 'wake'", schema: schema40.properties.sleep.required, parentSchema: schema40.properties.sleep, data: data36 };
              vErrors === null ? vErrors = [err80] : vErrors.push(err80), errors++;
            }
            for (let key8 in data36)
              if (!(key8 === "at" || key8 === "wake")) {
                let err81 = { instancePath: instancePath + "/sleep", schemaPath: "#/properties/sleep/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key8 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema40.properties.sleep, data: data36 };
                vErrors === null ? vErrors = [err81] : vErrors.push(err81), errors++;
              }
            if (data36.at !== void 0) {
              let data37 = data36.at;
              if (typeof data37 == "string") {
                if (!pattern24.test(data37)) {
                  let err82 = { instancePath: instancePath + "/sleep/at", schemaPath: "#/$defs/cronExpression/pattern", keyword: "pattern", params: { pattern: "^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$" }, message: 'must match pattern "^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$"', schema: "^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$", parentSchema: schema47, data: data37 };
                  vErrors === null ? vErrors = [err82] : vErrors.push(err82), errors++;
                }
              } else {
                let err83 = { instancePath: instancePath + "/sleep/at", schemaPath: "#/$defs/cronExpression/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema47.type, parentSchema: schema47, data: data37 };
                vErrors === null ? vErrors = [err83] : vErrors.push(err83), errors++;
              }
            }
            if (data36.wake !== void 0) {
              let data38 = data36.wake;
              if (typeof data38 == "string") {
                if (!pattern24.test(data38)) {
                  let err84 = { instancePath: instancePath + "/sleep/wake", schemaPath: "#/$defs/cronExpression/pattern", keyword: "pattern", params: { pattern: "^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$" }, message: 'must match pattern "^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$"', schema: "^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$", parentSchema: schema47, data: data38 };
                  vErrors === null ? vErrors = [err84] : vErrors.push(err84), errors++;
                }
              } else {
                let err85 = { instancePath: instancePath + "/sleep/wake", schemaPath: "#/$defs/cronExpression/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema47.type, parentSchema: schema47, data: data38 };
                vErrors === null ? vErrors = [err85] : vErrors.push(err85), errors++;
              }
            }
          } else {
            let err86 = { instancePath: instancePath + "/sleep", schemaPath: "#/properties/sleep/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.properties.sleep.type, parentSchema: schema40.properties.sleep, data: data36 };
            vErrors === null ? vErrors = [err86] : vErrors.push(err86), errors++;
          }
        }
        if (data.telemetry !== void 0) {
          let data39 = data.telemetry;
          if (data39 && typeof data39 == "object" && !Array.isArray(data39)) {
            if (data39.otlp === void 0) {
              let err87 = { instancePath: instancePath + "/telemetry", schemaPath: "#/properties/telemetry/required", keyword: "required", params: { missingProperty: "otlp" }, message: "must have required property 'otlp'", schema: schema40.properties.telemetry.required, parentSchema: schema40.properties.telemetry, data: data39 };
              vErrors === null ? vErrors = [err87] : vErrors.push(err87), errors++;
            }
            for (let key9 in data39)
              if (!(key9 === "otlp" || key9 === "traces")) {
                let err88 = { instancePath: instancePath + "/telemetry", schemaPath: "#/properties/telemetry/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key9 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema40.properties.telemetry, data: data39 };
                vErrors === null ? vErrors = [err88] : vErrors.push(err88), errors++;
              }
            if (data39.otlp !== void 0) {
              let data40 = data39.otlp;
              if (typeof data40 == "string") {
                if (func1(data40) > 1e3) {
                  let err89 = { instancePath: instancePath + "/telemetry/otlp", schemaPath: "#/properties/telemetry/properties/otlp/maxLength", keyword: "maxLength", params: { limit: 1e3 }, message: "must NOT have more than 1000 characters", schema: 1e3, parentSchema: schema40.properties.telemetry.properties.otlp, data: data40 };
                  vErrors === null ? vErrors = [err89] : vErrors.push(err89), errors++;
                }
                if (!pattern26.test(data40)) {
                  let err90 = { instancePath: instancePath + "/telemetry/otlp", schemaPath: "#/properties/telemetry/properties/otlp/pattern", keyword: "pattern", params: { pattern: "^https?://[^\\s/]+[^\\s]*$" }, message: 'must match pattern "^https?://[^\\s/]+[^\\s]*$"', schema: "^https?://[^\\s/]+[^\\s]*$", parentSchema: schema40.properties.telemetry.properties.otlp, data: data40 };
                  vErrors === null ? vErrors = [err90] : vErrors.push(err90), errors++;
                }
              } else {
                let err91 = { instancePath: instancePath + "/telemetry/otlp", schemaPath: "#/properties/telemetry/properties/otlp/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema40.properties.telemetry.properties.otlp.type, parentSchema: schema40.properties.telemetry.properties.otlp, data: data40 };
                vErrors === null ? vErrors = [err91] : vErrors.push(err91), errors++;
              }
            }
            if (data39.traces !== void 0) {
              let data41 = data39.traces;
              if (data41 && typeof data41 == "object" && !Array.isArray(data41)) {
                if (data41.ratio === void 0) {
                  let err92 = { instancePath: instancePath + "/telemetry/traces", schemaPath: "#/properties/telemetry/properties/traces/required", keyword: "required", params: { missingProperty: "ratio" }, message: "must have required property 'ratio'", schema: schema40.properties.telemetry.properties.traces.required, parentSchema: schema40.properties.telemetry.properties.traces, data: data41 };
                  vErrors === null ? vErrors = [err92] : vErrors.push(err92), errors++;
                }
                for (let key10 in data41)
                  if (key10 !== "ratio") {
                    let err93 = { instancePath: instancePath + "/telemetry/traces", schemaPath: "#/properties/telemetry/properties/traces/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key10 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema40.properties.telemetry.properties.traces, data: data41 };
                    vErrors === null ? vErrors = [err93] : vErrors.push(err93), errors++;
                  }
                if (data41.ratio !== void 0) {
                  let data42 = data41.ratio;
                  if (typeof data42 == "number" && isFinite(data42)) {
                    if (data42 > 1 || isNaN(data42)) {
                      let err94 = { instancePath: instancePath + "/telemetry/traces/ratio", schemaPath: "#/properties/telemetry/properties/traces/properties/ratio/maximum", keyword: "maximum", params: { comparison: "<=", limit: 1 }, message: "must be <= 1", schema: 1, parentSchema: schema40.properties.telemetry.properties.traces.properties.ratio, data: data42 };
                      vErrors === null ? vErrors = [err94] : vErrors.push(err94), errors++;
                    }
                    if (data42 < 0 || isNaN(data42)) {
                      let err95 = { instancePath: instancePath + "/telemetry/traces/ratio", schemaPath: "#/properties/telemetry/properties/traces/properties/ratio/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0", schema: 0, parentSchema: schema40.properties.telemetry.properties.traces.properties.ratio, data: data42 };
                      vErrors === null ? vErrors = [err95] : vErrors.push(err95), errors++;
                    }
                  } else {
                    let err96 = { instancePath: instancePath + "/telemetry/traces/ratio", schemaPath: "#/properties/telemetry/properties/traces/properties/ratio/type", keyword: "type", params: { type: "number" }, message: "must be number", schema: schema40.properties.telemetry.properties.traces.properties.ratio.type, parentSchema: schema40.properties.telemetry.properties.traces.properties.ratio, data: data42 };
                    vErrors === null ? vErrors = [err96] : vErrors.push(err96), errors++;
                  }
                }
              } else {
                let err97 = { instancePath: instancePath + "/telemetry/traces", schemaPath: "#/properties/telemetry/properties/traces/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.properties.telemetry.properties.traces.type, parentSchema: schema40.properties.telemetry.properties.traces, data: data41 };
                vErrors === null ? vErrors = [err97] : vErrors.push(err97), errors++;
              }
            }
          } else {
            let err98 = { instancePath: instancePath + "/telemetry", schemaPath: "#/properties/telemetry/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.properties.telemetry.type, parentSchema: schema40.properties.telemetry, data: data39 };
            vErrors === null ? vErrors = [err98] : vErrors.push(err98), errors++;
          }
        }
      } else {
        let err99 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema40.type, parentSchema: schema40, data };
        vErrors === null ? vErrors = [err99] : vErrors.push(err99), errors++;
      }
      return validate22.errors = vErrors, errors === 0;
    }
    validate22.evaluated = { props: !0, dynamicProps: !1, dynamicItems: !1 };
    function validate21(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate21.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        for (let key0 in data)
          if (!(key0 === "processes" || key0 === "cron" || key0 === "healthTimeout" || key0 === "callTimeout" || key0 === "smoke" || key0 === "aws" || key0 === "port")) {
            let err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema34, data };
            vErrors === null ? vErrors = [err0] : vErrors.push(err0), errors++;
          }
        if (data.processes !== void 0) {
          let data0 = data.processes;
          if (!(data0 === "all-in-one" || data0 === "per-service")) {
            let err1 = { instancePath: instancePath + "/processes", schemaPath: "#/$defs/processes/enum", keyword: "enum", params: { allowedValues: schema35.enum }, message: "must be equal to one of the allowed values", schema: schema35.enum, parentSchema: schema35, data: data0 };
            vErrors === null ? vErrors = [err1] : vErrors.push(err1), errors++;
          }
        }
        if (data.cron !== void 0) {
          let data1 = data.cron;
          if (typeof data1 != "boolean") {
            let err2 = { instancePath: instancePath + "/cron", schemaPath: "#/$defs/cron/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean", schema: schema36.type, parentSchema: schema36, data: data1 };
            vErrors === null ? vErrors = [err2] : vErrors.push(err2), errors++;
          }
        }
        if (data.healthTimeout !== void 0) {
          let data2 = data.healthTimeout;
          if (typeof data2 == "string") {
            if (!pattern14.test(data2)) {
              let err3 = { instancePath: instancePath + "/healthTimeout", schemaPath: "#/$defs/healthTimeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$" }, message: 'must match pattern "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$"', schema: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", parentSchema: schema37, data: data2 };
              vErrors === null ? vErrors = [err3] : vErrors.push(err3), errors++;
            }
          } else {
            let err4 = { instancePath: instancePath + "/healthTimeout", schemaPath: "#/$defs/healthTimeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema37.type, parentSchema: schema37, data: data2 };
            vErrors === null ? vErrors = [err4] : vErrors.push(err4), errors++;
          }
        }
        if (data.callTimeout !== void 0) {
          let data3 = data.callTimeout;
          if (typeof data3 == "string") {
            if (!pattern15.test(data3)) {
              let err5 = { instancePath: instancePath + "/callTimeout", schemaPath: "#/$defs/callTimeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$" }, message: 'must match pattern "^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$"', schema: "^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$", parentSchema: schema38, data: data3 };
              vErrors === null ? vErrors = [err5] : vErrors.push(err5), errors++;
            }
          } else {
            let err6 = { instancePath: instancePath + "/callTimeout", schemaPath: "#/$defs/callTimeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.type, parentSchema: schema38, data: data3 };
            vErrors === null ? vErrors = [err6] : vErrors.push(err6), errors++;
          }
        }
        if (data.smoke !== void 0) {
          let data4 = data.smoke;
          if (data4 && typeof data4 == "object" && !Array.isArray(data4)) {
            for (let key1 in data4)
              if (!(key1 === "urls" || key1 === "timeout" || key1 === "command")) {
                let err7 = { instancePath: instancePath + "/smoke", schemaPath: "#/$defs/smoke/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema39, data: data4 };
                vErrors === null ? vErrors = [err7] : vErrors.push(err7), errors++;
              }
            if (data4.urls !== void 0) {
              let data5 = data4.urls;
              if (Array.isArray(data5)) {
                if (data5.length > 20) {
                  let err8 = { instancePath: instancePath + "/smoke/urls", schemaPath: "#/$defs/smoke/properties/urls/maxItems", keyword: "maxItems", params: { limit: 20 }, message: "must NOT have more than 20 items", schema: 20, parentSchema: schema39.properties.urls, data: data5 };
                  vErrors === null ? vErrors = [err8] : vErrors.push(err8), errors++;
                }
                let len0 = data5.length;
                for (let i0 = 0; i0 < len0; i0++) {
                  let data6 = data5[i0];
                  if (data6 && typeof data6 == "object" && !Array.isArray(data6)) {
                    if (data6.path === void 0) {
                      let err9 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'", schema: schema39.properties.urls.items.required, parentSchema: schema39.properties.urls.items, data: data6 };
                      vErrors === null ? vErrors = [err9] : vErrors.push(err9), errors++;
                    }
                    for (let key2 in data6)
                      if (!(key2 === "path" || key2 === "status" || key2 === "contains")) {
                        let err10 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key2 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema39.properties.urls.items, data: data6 };
                        vErrors === null ? vErrors = [err10] : vErrors.push(err10), errors++;
                      }
                    if (data6.path !== void 0) {
                      let data7 = data6.path;
                      if (typeof data7 == "string") {
                        if (!pattern16.test(data7)) {
                          let err11 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/path", schemaPath: "#/$defs/smoke/properties/urls/items/properties/path/pattern", keyword: "pattern", params: { pattern: "^/(?!/)[^\\s\\\\]{0,1000}$" }, message: 'must match pattern "^/(?!/)[^\\s\\\\]{0,1000}$"', schema: "^/(?!/)[^\\s\\\\]{0,1000}$", parentSchema: schema39.properties.urls.items.properties.path, data: data7 };
                          vErrors === null ? vErrors = [err11] : vErrors.push(err11), errors++;
                        }
                      } else {
                        let err12 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/path", schemaPath: "#/$defs/smoke/properties/urls/items/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema39.properties.urls.items.properties.path.type, parentSchema: schema39.properties.urls.items.properties.path, data: data7 };
                        vErrors === null ? vErrors = [err12] : vErrors.push(err12), errors++;
                      }
                    }
                    if (data6.status !== void 0) {
                      let data8 = data6.status;
                      if (!(typeof data8 == "number" && !(data8 % 1) && !isNaN(data8) && isFinite(data8))) {
                        let err13 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema39.properties.urls.items.properties.status.type, parentSchema: schema39.properties.urls.items.properties.status, data: data8 };
                        vErrors === null ? vErrors = [err13] : vErrors.push(err13), errors++;
                      }
                      if (typeof data8 == "number" && isFinite(data8)) {
                        if (data8 > 599 || isNaN(data8)) {
                          let err14 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/maximum", keyword: "maximum", params: { comparison: "<=", limit: 599 }, message: "must be <= 599", schema: 599, parentSchema: schema39.properties.urls.items.properties.status, data: data8 };
                          vErrors === null ? vErrors = [err14] : vErrors.push(err14), errors++;
                        }
                        if (data8 < 100 || isNaN(data8)) {
                          let err15 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/minimum", keyword: "minimum", params: { comparison: ">=", limit: 100 }, message: "must be >= 100", schema: 100, parentSchema: schema39.properties.urls.items.properties.status, data: data8 };
                          vErrors === null ? vErrors = [err15] : vErrors.push(err15), errors++;
                        }
                      }
                    }
                    if (data6.contains !== void 0) {
                      let data9 = data6.contains;
                      if (typeof data9 == "string") {
                        if (func1(data9) > 1e3) {
                          let err16 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/maxLength", keyword: "maxLength", params: { limit: 1e3 }, message: "must NOT have more than 1000 characters", schema: 1e3, parentSchema: schema39.properties.urls.items.properties.contains, data: data9 };
                          vErrors === null ? vErrors = [err16] : vErrors.push(err16), errors++;
                        }
                        if (func1(data9) < 1) {
                          let err17 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema39.properties.urls.items.properties.contains, data: data9 };
                          vErrors === null ? vErrors = [err17] : vErrors.push(err17), errors++;
                        }
                      } else {
                        let err18 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema39.properties.urls.items.properties.contains.type, parentSchema: schema39.properties.urls.items.properties.contains, data: data9 };
                        vErrors === null ? vErrors = [err18] : vErrors.push(err18), errors++;
                      }
                    }
                  } else {
                    let err19 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema39.properties.urls.items.type, parentSchema: schema39.properties.urls.items, data: data6 };
                    vErrors === null ? vErrors = [err19] : vErrors.push(err19), errors++;
                  }
                }
              } else {
                let err20 = { instancePath: instancePath + "/smoke/urls", schemaPath: "#/$defs/smoke/properties/urls/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema39.properties.urls.type, parentSchema: schema39.properties.urls, data: data5 };
                vErrors === null ? vErrors = [err20] : vErrors.push(err20), errors++;
              }
            }
            if (data4.timeout !== void 0) {
              let data10 = data4.timeout;
              if (typeof data10 == "string") {
                if (!pattern14.test(data10)) {
                  let err21 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/$defs/smoke/properties/timeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$" }, message: 'must match pattern "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$"', schema: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", parentSchema: schema39.properties.timeout, data: data10 };
                  vErrors === null ? vErrors = [err21] : vErrors.push(err21), errors++;
                }
              } else {
                let err22 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/$defs/smoke/properties/timeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema39.properties.timeout.type, parentSchema: schema39.properties.timeout, data: data10 };
                vErrors === null ? vErrors = [err22] : vErrors.push(err22), errors++;
              }
            }
            if (data4.command !== void 0) {
              let data11 = data4.command;
              if (typeof data11 == "string") {
                if (func1(data11) > 4e3) {
                  let err23 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/maxLength", keyword: "maxLength", params: { limit: 4e3 }, message: "must NOT have more than 4000 characters", schema: 4e3, parentSchema: schema39.properties.command, data: data11 };
                  vErrors === null ? vErrors = [err23] : vErrors.push(err23), errors++;
                }
                if (func1(data11) < 1) {
                  let err24 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema39.properties.command, data: data11 };
                  vErrors === null ? vErrors = [err24] : vErrors.push(err24), errors++;
                }
              } else {
                let err25 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema39.properties.command.type, parentSchema: schema39.properties.command, data: data11 };
                vErrors === null ? vErrors = [err25] : vErrors.push(err25), errors++;
              }
            }
          } else {
            let err26 = { instancePath: instancePath + "/smoke", schemaPath: "#/$defs/smoke/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema39.type, parentSchema: schema39, data: data4 };
            vErrors === null ? vErrors = [err26] : vErrors.push(err26), errors++;
          }
        }
        if (data.aws !== void 0 && (validate22(data.aws, { instancePath: instancePath + "/aws", parentData: data, parentDataProperty: "aws", rootData, dynamicAnchors }) || (vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors), errors = vErrors.length)), data.port !== void 0) {
          let data13 = data.port;
          if (!(typeof data13 == "number" && !(data13 % 1) && !isNaN(data13) && isFinite(data13))) {
            let err27 = { instancePath: instancePath + "/port", schemaPath: "#/properties/port/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema34.properties.port.type, parentSchema: schema34.properties.port, data: data13 };
            vErrors === null ? vErrors = [err27] : vErrors.push(err27), errors++;
          }
          if (typeof data13 == "number" && isFinite(data13)) {
            if (data13 > 65535 || isNaN(data13)) {
              let err28 = { instancePath: instancePath + "/port", schemaPath: "#/properties/port/maximum", keyword: "maximum", params: { comparison: "<=", limit: 65535 }, message: "must be <= 65535", schema: 65535, parentSchema: schema34.properties.port, data: data13 };
              vErrors === null ? vErrors = [err28] : vErrors.push(err28), errors++;
            }
            if (data13 < 1 || isNaN(data13)) {
              let err29 = { instancePath: instancePath + "/port", schemaPath: "#/properties/port/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema34.properties.port, data: data13 };
              vErrors === null ? vErrors = [err29] : vErrors.push(err29), errors++;
            }
          }
        }
      } else {
        let err30 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema34.type, parentSchema: schema34, data };
        vErrors === null ? vErrors = [err30] : vErrors.push(err30), errors++;
      }
      return validate21.errors = vErrors, errors === 0;
    }
    validate21.evaluated = { props: !0, dynamicProps: !1, dynamicItems: !1 };
    var schema49 = { description: "Settings of all environments of a type. Ports are per environment, so there is none here.", type: "object", additionalProperties: !1, properties: { processes: { $ref: "#/$defs/processes" }, cron: { $ref: "#/$defs/cron" }, healthTimeout: { $ref: "#/$defs/healthTimeout" }, callTimeout: { $ref: "#/$defs/callTimeout" }, smoke: { $ref: "#/$defs/smoke" }, aws: { $ref: "#/$defs/aws" } } };
    function validate25(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate25.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        for (let key0 in data)
          if (!(key0 === "processes" || key0 === "cron" || key0 === "healthTimeout" || key0 === "callTimeout" || key0 === "smoke" || key0 === "aws")) {
            let err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema49, data };
            vErrors === null ? vErrors = [err0] : vErrors.push(err0), errors++;
          }
        if (data.processes !== void 0) {
          let data0 = data.processes;
          if (!(data0 === "all-in-one" || data0 === "per-service")) {
            let err1 = { instancePath: instancePath + "/processes", schemaPath: "#/$defs/processes/enum", keyword: "enum", params: { allowedValues: schema35.enum }, message: "must be equal to one of the allowed values", schema: schema35.enum, parentSchema: schema35, data: data0 };
            vErrors === null ? vErrors = [err1] : vErrors.push(err1), errors++;
          }
        }
        if (data.cron !== void 0) {
          let data1 = data.cron;
          if (typeof data1 != "boolean") {
            let err2 = { instancePath: instancePath + "/cron", schemaPath: "#/$defs/cron/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean", schema: schema36.type, parentSchema: schema36, data: data1 };
            vErrors === null ? vErrors = [err2] : vErrors.push(err2), errors++;
          }
        }
        if (data.healthTimeout !== void 0) {
          let data2 = data.healthTimeout;
          if (typeof data2 == "string") {
            if (!pattern14.test(data2)) {
              let err3 = { instancePath: instancePath + "/healthTimeout", schemaPath: "#/$defs/healthTimeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$" }, message: 'must match pattern "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$"', schema: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", parentSchema: schema37, data: data2 };
              vErrors === null ? vErrors = [err3] : vErrors.push(err3), errors++;
            }
          } else {
            let err4 = { instancePath: instancePath + "/healthTimeout", schemaPath: "#/$defs/healthTimeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema37.type, parentSchema: schema37, data: data2 };
            vErrors === null ? vErrors = [err4] : vErrors.push(err4), errors++;
          }
        }
        if (data.callTimeout !== void 0) {
          let data3 = data.callTimeout;
          if (typeof data3 == "string") {
            if (!pattern15.test(data3)) {
              let err5 = { instancePath: instancePath + "/callTimeout", schemaPath: "#/$defs/callTimeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$" }, message: 'must match pattern "^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$"', schema: "^([1-9][0-9]{2,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$", parentSchema: schema38, data: data3 };
              vErrors === null ? vErrors = [err5] : vErrors.push(err5), errors++;
            }
          } else {
            let err6 = { instancePath: instancePath + "/callTimeout", schemaPath: "#/$defs/callTimeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.type, parentSchema: schema38, data: data3 };
            vErrors === null ? vErrors = [err6] : vErrors.push(err6), errors++;
          }
        }
        if (data.smoke !== void 0) {
          let data4 = data.smoke;
          if (data4 && typeof data4 == "object" && !Array.isArray(data4)) {
            for (let key1 in data4)
              if (!(key1 === "urls" || key1 === "timeout" || key1 === "command")) {
                let err7 = { instancePath: instancePath + "/smoke", schemaPath: "#/$defs/smoke/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema39, data: data4 };
                vErrors === null ? vErrors = [err7] : vErrors.push(err7), errors++;
              }
            if (data4.urls !== void 0) {
              let data5 = data4.urls;
              if (Array.isArray(data5)) {
                if (data5.length > 20) {
                  let err8 = { instancePath: instancePath + "/smoke/urls", schemaPath: "#/$defs/smoke/properties/urls/maxItems", keyword: "maxItems", params: { limit: 20 }, message: "must NOT have more than 20 items", schema: 20, parentSchema: schema39.properties.urls, data: data5 };
                  vErrors === null ? vErrors = [err8] : vErrors.push(err8), errors++;
                }
                let len0 = data5.length;
                for (let i0 = 0; i0 < len0; i0++) {
                  let data6 = data5[i0];
                  if (data6 && typeof data6 == "object" && !Array.isArray(data6)) {
                    if (data6.path === void 0) {
                      let err9 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'", schema: schema39.properties.urls.items.required, parentSchema: schema39.properties.urls.items, data: data6 };
                      vErrors === null ? vErrors = [err9] : vErrors.push(err9), errors++;
                    }
                    for (let key2 in data6)
                      if (!(key2 === "path" || key2 === "status" || key2 === "contains")) {
                        let err10 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key2 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema39.properties.urls.items, data: data6 };
                        vErrors === null ? vErrors = [err10] : vErrors.push(err10), errors++;
                      }
                    if (data6.path !== void 0) {
                      let data7 = data6.path;
                      if (typeof data7 == "string") {
                        if (!pattern16.test(data7)) {
                          let err11 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/path", schemaPath: "#/$defs/smoke/properties/urls/items/properties/path/pattern", keyword: "pattern", params: { pattern: "^/(?!/)[^\\s\\\\]{0,1000}$" }, message: 'must match pattern "^/(?!/)[^\\s\\\\]{0,1000}$"', schema: "^/(?!/)[^\\s\\\\]{0,1000}$", parentSchema: schema39.properties.urls.items.properties.path, data: data7 };
                          vErrors === null ? vErrors = [err11] : vErrors.push(err11), errors++;
                        }
                      } else {
                        let err12 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/path", schemaPath: "#/$defs/smoke/properties/urls/items/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema39.properties.urls.items.properties.path.type, parentSchema: schema39.properties.urls.items.properties.path, data: data7 };
                        vErrors === null ? vErrors = [err12] : vErrors.push(err12), errors++;
                      }
                    }
                    if (data6.status !== void 0) {
                      let data8 = data6.status;
                      if (!(typeof data8 == "number" && !(data8 % 1) && !isNaN(data8) && isFinite(data8))) {
                        let err13 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema39.properties.urls.items.properties.status.type, parentSchema: schema39.properties.urls.items.properties.status, data: data8 };
                        vErrors === null ? vErrors = [err13] : vErrors.push(err13), errors++;
                      }
                      if (typeof data8 == "number" && isFinite(data8)) {
                        if (data8 > 599 || isNaN(data8)) {
                          let err14 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/maximum", keyword: "maximum", params: { comparison: "<=", limit: 599 }, message: "must be <= 599", schema: 599, parentSchema: schema39.properties.urls.items.properties.status, data: data8 };
                          vErrors === null ? vErrors = [err14] : vErrors.push(err14), errors++;
                        }
                        if (data8 < 100 || isNaN(data8)) {
                          let err15 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/minimum", keyword: "minimum", params: { comparison: ">=", limit: 100 }, message: "must be >= 100", schema: 100, parentSchema: schema39.properties.urls.items.properties.status, data: data8 };
                          vErrors === null ? vErrors = [err15] : vErrors.push(err15), errors++;
                        }
                      }
                    }
                    if (data6.contains !== void 0) {
                      let data9 = data6.contains;
                      if (typeof data9 == "string") {
                        if (func1(data9) > 1e3) {
                          let err16 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/maxLength", keyword: "maxLength", params: { limit: 1e3 }, message: "must NOT have more than 1000 characters", schema: 1e3, parentSchema: schema39.properties.urls.items.properties.contains, data: data9 };
                          vErrors === null ? vErrors = [err16] : vErrors.push(err16), errors++;
                        }
                        if (func1(data9) < 1) {
                          let err17 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema39.properties.urls.items.properties.contains, data: data9 };
                          vErrors === null ? vErrors = [err17] : vErrors.push(err17), errors++;
                        }
                      } else {
                        let err18 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema39.properties.urls.items.properties.contains.type, parentSchema: schema39.properties.urls.items.properties.contains, data: data9 };
                        vErrors === null ? vErrors = [err18] : vErrors.push(err18), errors++;
                      }
                    }
                  } else {
                    let err19 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema39.properties.urls.items.type, parentSchema: schema39.properties.urls.items, data: data6 };
                    vErrors === null ? vErrors = [err19] : vErrors.push(err19), errors++;
                  }
                }
              } else {
                let err20 = { instancePath: instancePath + "/smoke/urls", schemaPath: "#/$defs/smoke/properties/urls/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema39.properties.urls.type, parentSchema: schema39.properties.urls, data: data5 };
                vErrors === null ? vErrors = [err20] : vErrors.push(err20), errors++;
              }
            }
            if (data4.timeout !== void 0) {
              let data10 = data4.timeout;
              if (typeof data10 == "string") {
                if (!pattern14.test(data10)) {
                  let err21 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/$defs/smoke/properties/timeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$" }, message: 'must match pattern "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$"', schema: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", parentSchema: schema39.properties.timeout, data: data10 };
                  vErrors === null ? vErrors = [err21] : vErrors.push(err21), errors++;
                }
              } else {
                let err22 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/$defs/smoke/properties/timeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema39.properties.timeout.type, parentSchema: schema39.properties.timeout, data: data10 };
                vErrors === null ? vErrors = [err22] : vErrors.push(err22), errors++;
              }
            }
            if (data4.command !== void 0) {
              let data11 = data4.command;
              if (typeof data11 == "string") {
                if (func1(data11) > 4e3) {
                  let err23 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/maxLength", keyword: "maxLength", params: { limit: 4e3 }, message: "must NOT have more than 4000 characters", schema: 4e3, parentSchema: schema39.properties.command, data: data11 };
                  vErrors === null ? vErrors = [err23] : vErrors.push(err23), errors++;
                }
                if (func1(data11) < 1) {
                  let err24 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema39.properties.command, data: data11 };
                  vErrors === null ? vErrors = [err24] : vErrors.push(err24), errors++;
                }
              } else {
                let err25 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema39.properties.command.type, parentSchema: schema39.properties.command, data: data11 };
                vErrors === null ? vErrors = [err25] : vErrors.push(err25), errors++;
              }
            }
          } else {
            let err26 = { instancePath: instancePath + "/smoke", schemaPath: "#/$defs/smoke/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema39.type, parentSchema: schema39, data: data4 };
            vErrors === null ? vErrors = [err26] : vErrors.push(err26), errors++;
          }
        }
        data.aws !== void 0 && (validate22(data.aws, { instancePath: instancePath + "/aws", parentData: data, parentDataProperty: "aws", rootData, dynamicAnchors }) || (vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors), errors = vErrors.length));
      } else {
        let err27 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema49.type, parentSchema: schema49, data };
        vErrors === null ? vErrors = [err27] : vErrors.push(err27), errors++;
      }
      return validate25.errors = vErrors, errors === 0;
    }
    validate25.evaluated = { props: !0, dynamicProps: !1, dynamicItems: !1 };
    function validate20(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate20.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        for (let key0 in data)
          if (!(key0 === "$schema" || key0 === "name" || key0 === "target" || key0 === "build" || key0 === "releases" || key0 === "aws" || key0 === "environments")) {
            let err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema31, data };
            vErrors === null ? vErrors = [err0] : vErrors.push(err0), errors++;
          }
        if (data.$schema !== void 0) {
          let data0 = data.$schema;
          if (typeof data0 != "string") {
            let err1 = { instancePath: instancePath + "/$schema", schemaPath: "#/properties/%24schema/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.$schema.type, parentSchema: schema31.properties.$schema, data: data0 };
            vErrors === null ? vErrors = [err1] : vErrors.push(err1), errors++;
          }
        }
        if (data.name !== void 0) {
          let data1 = data.name;
          if (typeof data1 == "string") {
            if (func1(data1) > 40) {
              let err2 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/maxLength", keyword: "maxLength", params: { limit: 40 }, message: "must NOT have more than 40 characters", schema: 40, parentSchema: schema31.properties.name, data: data1 };
              vErrors === null ? vErrors = [err2] : vErrors.push(err2), errors++;
            }
            if (!pattern4.test(data1)) {
              let err3 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/pattern", keyword: "pattern", params: { pattern: "^[a-z](?:-?[a-z0-9])*$" }, message: 'must match pattern "^[a-z](?:-?[a-z0-9])*$"', schema: "^[a-z](?:-?[a-z0-9])*$", parentSchema: schema31.properties.name, data: data1 };
              vErrors === null ? vErrors = [err3] : vErrors.push(err3), errors++;
            }
          } else {
            let err4 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.name.type, parentSchema: schema31.properties.name, data: data1 };
            vErrors === null ? vErrors = [err4] : vErrors.push(err4), errors++;
          }
        }
        if (data.target !== void 0) {
          let data2 = data.target;
          if (!(data2 === "local" || data2 === "aws")) {
            let err5 = { instancePath: instancePath + "/target", schemaPath: "#/properties/target/enum", keyword: "enum", params: { allowedValues: schema31.properties.target.enum }, message: "must be equal to one of the allowed values", schema: schema31.properties.target.enum, parentSchema: schema31.properties.target, data: data2 };
            vErrors === null ? vErrors = [err5] : vErrors.push(err5), errors++;
          }
        }
        if (data.build !== void 0) {
          let data3 = data.build;
          if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
            for (let key1 in data3)
              if (!(key1 === "base" || key1 === "platforms" || key1 === "external" || key1 === "bundle" || key1 === "dockerfile" || key1 === "allowSecrets")) {
                let err6 = { instancePath: instancePath + "/build", schemaPath: "#/properties/build/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema31.properties.build, data: data3 };
                vErrors === null ? vErrors = [err6] : vErrors.push(err6), errors++;
              }
            if (data3.base !== void 0) {
              let data4 = data3.base;
              if (typeof data4 == "string") {
                if (!pattern5.test(data4)) {
                  let err7 = { instancePath: instancePath + "/build/base", schemaPath: "#/properties/build/properties/base/pattern", keyword: "pattern", params: { pattern: "^[^\\s]{1,512}$" }, message: 'must match pattern "^[^\\s]{1,512}$"', schema: "^[^\\s]{1,512}$", parentSchema: schema31.properties.build.properties.base, data: data4 };
                  vErrors === null ? vErrors = [err7] : vErrors.push(err7), errors++;
                }
              } else {
                let err8 = { instancePath: instancePath + "/build/base", schemaPath: "#/properties/build/properties/base/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.build.properties.base.type, parentSchema: schema31.properties.build.properties.base, data: data4 };
                vErrors === null ? vErrors = [err8] : vErrors.push(err8), errors++;
              }
            }
            if (data3.platforms !== void 0) {
              let data5 = data3.platforms;
              if (Array.isArray(data5)) {
                if (data5.length < 1) {
                  let err9 = { instancePath: instancePath + "/build/platforms", schemaPath: "#/properties/build/properties/platforms/minItems", keyword: "minItems", params: { limit: 1 }, message: "must NOT have fewer than 1 items", schema: 1, parentSchema: schema31.properties.build.properties.platforms, data: data5 };
                  vErrors === null ? vErrors = [err9] : vErrors.push(err9), errors++;
                }
                let len0 = data5.length;
                for (let i0 = 0; i0 < len0; i0++) {
                  let data6 = data5[i0];
                  if (!(data6 === "linux/amd64" || data6 === "linux/arm64")) {
                    let err10 = { instancePath: instancePath + "/build/platforms/" + i0, schemaPath: "#/properties/build/properties/platforms/items/enum", keyword: "enum", params: { allowedValues: schema31.properties.build.properties.platforms.items.enum }, message: "must be equal to one of the allowed values", schema: schema31.properties.build.properties.platforms.items.enum, parentSchema: schema31.properties.build.properties.platforms.items, data: data6 };
                    vErrors === null ? vErrors = [err10] : vErrors.push(err10), errors++;
                  }
                }
                let i1 = data5.length, j0;
                if (i1 > 1) {
                  outer0:
                    for (; i1--; )
                      for (j0 = i1; j0--; )
                        if (func0(data5[i1], data5[j0])) {
                          let err11 = { instancePath: instancePath + "/build/platforms", schemaPath: "#/properties/build/properties/platforms/uniqueItems", keyword: "uniqueItems", params: { i: i1, j: j0 }, message: "must NOT have duplicate items (items ## " + j0 + " and " + i1 + " are identical)", schema: !0, parentSchema: schema31.properties.build.properties.platforms, data: data5 };
                          vErrors === null ? vErrors = [err11] : vErrors.push(err11), errors++;
                          break outer0;
                        }
                }
              } else {
                let err12 = { instancePath: instancePath + "/build/platforms", schemaPath: "#/properties/build/properties/platforms/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema31.properties.build.properties.platforms.type, parentSchema: schema31.properties.build.properties.platforms, data: data5 };
                vErrors === null ? vErrors = [err12] : vErrors.push(err12), errors++;
              }
            }
            if (data3.external !== void 0) {
              let data7 = data3.external;
              if (Array.isArray(data7)) {
                let len1 = data7.length;
                for (let i2 = 0; i2 < len1; i2++) {
                  let data8 = data7[i2];
                  if (typeof data8 == "string") {
                    if (!pattern6.test(data8)) {
                      let err13 = { instancePath: instancePath + "/build/external/" + i2, schemaPath: "#/$defs/packages/items/pattern", keyword: "pattern", params: { pattern: "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$" }, message: 'must match pattern "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$"', schema: "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$", parentSchema: schema32.items, data: data8 };
                      vErrors === null ? vErrors = [err13] : vErrors.push(err13), errors++;
                    }
                  } else {
                    let err14 = { instancePath: instancePath + "/build/external/" + i2, schemaPath: "#/$defs/packages/items/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema32.items.type, parentSchema: schema32.items, data: data8 };
                    vErrors === null ? vErrors = [err14] : vErrors.push(err14), errors++;
                  }
                }
                let i3 = data7.length, j1;
                if (i3 > 1) {
                  let indices0 = {};
                  for (; i3--; ) {
                    let item0 = data7[i3];
                    if (typeof item0 == "string") {
                      if (typeof indices0[item0] == "number") {
                        j1 = indices0[item0];
                        let err15 = { instancePath: instancePath + "/build/external", schemaPath: "#/$defs/packages/uniqueItems", keyword: "uniqueItems", params: { i: i3, j: j1 }, message: "must NOT have duplicate items (items ## " + j1 + " and " + i3 + " are identical)", schema: !0, parentSchema: schema32, data: data7 };
                        vErrors === null ? vErrors = [err15] : vErrors.push(err15), errors++;
                        break;
                      }
                      indices0[item0] = i3;
                    }
                  }
                }
              } else {
                let err16 = { instancePath: instancePath + "/build/external", schemaPath: "#/$defs/packages/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema32.type, parentSchema: schema32, data: data7 };
                vErrors === null ? vErrors = [err16] : vErrors.push(err16), errors++;
              }
            }
            if (data3.bundle !== void 0) {
              let data9 = data3.bundle;
              if (Array.isArray(data9)) {
                let len2 = data9.length;
                for (let i4 = 0; i4 < len2; i4++) {
                  let data10 = data9[i4];
                  if (typeof data10 == "string") {
                    if (!pattern6.test(data10)) {
                      let err17 = { instancePath: instancePath + "/build/bundle/" + i4, schemaPath: "#/$defs/packages/items/pattern", keyword: "pattern", params: { pattern: "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$" }, message: 'must match pattern "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$"', schema: "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$", parentSchema: schema32.items, data: data10 };
                      vErrors === null ? vErrors = [err17] : vErrors.push(err17), errors++;
                    }
                  } else {
                    let err18 = { instancePath: instancePath + "/build/bundle/" + i4, schemaPath: "#/$defs/packages/items/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema32.items.type, parentSchema: schema32.items, data: data10 };
                    vErrors === null ? vErrors = [err18] : vErrors.push(err18), errors++;
                  }
                }
                let i5 = data9.length, j2;
                if (i5 > 1) {
                  let indices1 = {};
                  for (; i5--; ) {
                    let item1 = data9[i5];
                    if (typeof item1 == "string") {
                      if (typeof indices1[item1] == "number") {
                        j2 = indices1[item1];
                        let err19 = { instancePath: instancePath + "/build/bundle", schemaPath: "#/$defs/packages/uniqueItems", keyword: "uniqueItems", params: { i: i5, j: j2 }, message: "must NOT have duplicate items (items ## " + j2 + " and " + i5 + " are identical)", schema: !0, parentSchema: schema32, data: data9 };
                        vErrors === null ? vErrors = [err19] : vErrors.push(err19), errors++;
                        break;
                      }
                      indices1[item1] = i5;
                    }
                  }
                }
              } else {
                let err20 = { instancePath: instancePath + "/build/bundle", schemaPath: "#/$defs/packages/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema32.type, parentSchema: schema32, data: data9 };
                vErrors === null ? vErrors = [err20] : vErrors.push(err20), errors++;
              }
            }
            if (data3.dockerfile !== void 0) {
              let data11 = data3.dockerfile;
              if (typeof data11 != "boolean") {
                let err21 = { instancePath: instancePath + "/build/dockerfile", schemaPath: "#/properties/build/properties/dockerfile/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean", schema: schema31.properties.build.properties.dockerfile.type, parentSchema: schema31.properties.build.properties.dockerfile, data: data11 };
                vErrors === null ? vErrors = [err21] : vErrors.push(err21), errors++;
              }
            }
            if (data3.allowSecrets !== void 0) {
              let data12 = data3.allowSecrets;
              if (Array.isArray(data12)) {
                let len3 = data12.length;
                for (let i6 = 0; i6 < len3; i6++) {
                  let data13 = data12[i6];
                  if (typeof data13 == "string") {
                    if (func1(data13) < 1) {
                      let err22 = { instancePath: instancePath + "/build/allowSecrets/" + i6, schemaPath: "#/properties/build/properties/allowSecrets/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema31.properties.build.properties.allowSecrets.items, data: data13 };
                      vErrors === null ? vErrors = [err22] : vErrors.push(err22), errors++;
                    }
                  } else {
                    let err23 = { instancePath: instancePath + "/build/allowSecrets/" + i6, schemaPath: "#/properties/build/properties/allowSecrets/items/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.build.properties.allowSecrets.items.type, parentSchema: schema31.properties.build.properties.allowSecrets.items, data: data13 };
                    vErrors === null ? vErrors = [err23] : vErrors.push(err23), errors++;
                  }
                }
                let i7 = data12.length, j3;
                if (i7 > 1) {
                  let indices2 = {};
                  for (; i7--; ) {
                    let item2 = data12[i7];
                    if (typeof item2 == "string") {
                      if (typeof indices2[item2] == "number") {
                        j3 = indices2[item2];
                        let err24 = { instancePath: instancePath + "/build/allowSecrets", schemaPath: "#/properties/build/properties/allowSecrets/uniqueItems", keyword: "uniqueItems", params: { i: i7, j: j3 }, message: "must NOT have duplicate items (items ## " + j3 + " and " + i7 + " are identical)", schema: !0, parentSchema: schema31.properties.build.properties.allowSecrets, data: data12 };
                        vErrors === null ? vErrors = [err24] : vErrors.push(err24), errors++;
                        break;
                      }
                      indices2[item2] = i7;
                    }
                  }
                }
              } else {
                let err25 = { instancePath: instancePath + "/build/allowSecrets", schemaPath: "#/properties/build/properties/allowSecrets/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema31.properties.build.properties.allowSecrets.type, parentSchema: schema31.properties.build.properties.allowSecrets, data: data12 };
                vErrors === null ? vErrors = [err25] : vErrors.push(err25), errors++;
              }
            }
          } else {
            let err26 = { instancePath: instancePath + "/build", schemaPath: "#/properties/build/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.build.type, parentSchema: schema31.properties.build, data: data3 };
            vErrors === null ? vErrors = [err26] : vErrors.push(err26), errors++;
          }
        }
        if (data.releases !== void 0) {
          let data14 = data.releases;
          if (data14 && typeof data14 == "object" && !Array.isArray(data14)) {
            for (let key2 in data14)
              if (key2 !== "keep") {
                let err27 = { instancePath: instancePath + "/releases", schemaPath: "#/properties/releases/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key2 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema31.properties.releases, data: data14 };
                vErrors === null ? vErrors = [err27] : vErrors.push(err27), errors++;
              }
            if (data14.keep !== void 0) {
              let data15 = data14.keep;
              if (!(typeof data15 == "number" && !(data15 % 1) && !isNaN(data15) && isFinite(data15))) {
                let err28 = { instancePath: instancePath + "/releases/keep", schemaPath: "#/properties/releases/properties/keep/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema31.properties.releases.properties.keep.type, parentSchema: schema31.properties.releases.properties.keep, data: data15 };
                vErrors === null ? vErrors = [err28] : vErrors.push(err28), errors++;
              }
              if (typeof data15 == "number" && isFinite(data15)) {
                if (data15 > 1e3 || isNaN(data15)) {
                  let err29 = { instancePath: instancePath + "/releases/keep", schemaPath: "#/properties/releases/properties/keep/maximum", keyword: "maximum", params: { comparison: "<=", limit: 1e3 }, message: "must be <= 1000", schema: 1e3, parentSchema: schema31.properties.releases.properties.keep, data: data15 };
                  vErrors === null ? vErrors = [err29] : vErrors.push(err29), errors++;
                }
                if (data15 < 1 || isNaN(data15)) {
                  let err30 = { instancePath: instancePath + "/releases/keep", schemaPath: "#/properties/releases/properties/keep/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema31.properties.releases.properties.keep, data: data15 };
                  vErrors === null ? vErrors = [err30] : vErrors.push(err30), errors++;
                }
              }
            }
          } else {
            let err31 = { instancePath: instancePath + "/releases", schemaPath: "#/properties/releases/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.releases.type, parentSchema: schema31.properties.releases, data: data14 };
            vErrors === null ? vErrors = [err31] : vErrors.push(err31), errors++;
          }
        }
        if (data.aws !== void 0) {
          let data16 = data.aws;
          if (data16 && typeof data16 == "object" && !Array.isArray(data16)) {
            for (let key3 in data16)
              if (!(key3 === "region" || key3 === "account" || key3 === "foundation" || key3 === "domain" || key3 === "hostedZone")) {
                let err32 = { instancePath: instancePath + "/aws", schemaPath: "#/properties/aws/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key3 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema31.properties.aws, data: data16 };
                vErrors === null ? vErrors = [err32] : vErrors.push(err32), errors++;
              }
            if (data16.region !== void 0) {
              let data17 = data16.region;
              if (typeof data17 == "string") {
                if (!pattern8.test(data17)) {
                  let err33 = { instancePath: instancePath + "/aws/region", schemaPath: "#/properties/aws/properties/region/pattern", keyword: "pattern", params: { pattern: "^[a-z]{2}(-[a-z]+){1,2}-[0-9]$" }, message: 'must match pattern "^[a-z]{2}(-[a-z]+){1,2}-[0-9]$"', schema: "^[a-z]{2}(-[a-z]+){1,2}-[0-9]$", parentSchema: schema31.properties.aws.properties.region, data: data17 };
                  vErrors === null ? vErrors = [err33] : vErrors.push(err33), errors++;
                }
              } else {
                let err34 = { instancePath: instancePath + "/aws/region", schemaPath: "#/properties/aws/properties/region/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.aws.properties.region.type, parentSchema: schema31.properties.aws.properties.region, data: data17 };
                vErrors === null ? vErrors = [err34] : vErrors.push(err34), errors++;
              }
            }
            if (data16.account !== void 0) {
              let data18 = data16.account;
              if (typeof data18 == "string") {
                if (!pattern9.test(data18)) {
                  let err35 = { instancePath: instancePath + "/aws/account", schemaPath: "#/properties/aws/properties/account/pattern", keyword: "pattern", params: { pattern: "^[0-9]{12}$" }, message: 'must match pattern "^[0-9]{12}$"', schema: "^[0-9]{12}$", parentSchema: schema31.properties.aws.properties.account, data: data18 };
                  vErrors === null ? vErrors = [err35] : vErrors.push(err35), errors++;
                }
              } else {
                let err36 = { instancePath: instancePath + "/aws/account", schemaPath: "#/properties/aws/properties/account/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.aws.properties.account.type, parentSchema: schema31.properties.aws.properties.account, data: data18 };
                vErrors === null ? vErrors = [err36] : vErrors.push(err36), errors++;
              }
            }
            if (data16.foundation !== void 0) {
              let data19 = data16.foundation;
              if (typeof data19 == "string") {
                if (func1(data19) > 40) {
                  let err37 = { instancePath: instancePath + "/aws/foundation", schemaPath: "#/properties/aws/properties/foundation/maxLength", keyword: "maxLength", params: { limit: 40 }, message: "must NOT have more than 40 characters", schema: 40, parentSchema: schema31.properties.aws.properties.foundation, data: data19 };
                  vErrors === null ? vErrors = [err37] : vErrors.push(err37), errors++;
                }
                if (!pattern4.test(data19)) {
                  let err38 = { instancePath: instancePath + "/aws/foundation", schemaPath: "#/properties/aws/properties/foundation/pattern", keyword: "pattern", params: { pattern: "^[a-z](?:-?[a-z0-9])*$" }, message: 'must match pattern "^[a-z](?:-?[a-z0-9])*$"', schema: "^[a-z](?:-?[a-z0-9])*$", parentSchema: schema31.properties.aws.properties.foundation, data: data19 };
                  vErrors === null ? vErrors = [err38] : vErrors.push(err38), errors++;
                }
              } else {
                let err39 = { instancePath: instancePath + "/aws/foundation", schemaPath: "#/properties/aws/properties/foundation/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.aws.properties.foundation.type, parentSchema: schema31.properties.aws.properties.foundation, data: data19 };
                vErrors === null ? vErrors = [err39] : vErrors.push(err39), errors++;
              }
            }
            if (data16.domain !== void 0) {
              let data20 = data16.domain;
              if (typeof data20 == "string") {
                if (!pattern11.test(data20)) {
                  let err40 = { instancePath: instancePath + "/aws/domain", schemaPath: "#/properties/aws/properties/domain/pattern", keyword: "pattern", params: { pattern: "^(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$" }, message: 'must match pattern "^(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$"', schema: "^(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", parentSchema: schema31.properties.aws.properties.domain, data: data20 };
                  vErrors === null ? vErrors = [err40] : vErrors.push(err40), errors++;
                }
              } else {
                let err41 = { instancePath: instancePath + "/aws/domain", schemaPath: "#/properties/aws/properties/domain/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.aws.properties.domain.type, parentSchema: schema31.properties.aws.properties.domain, data: data20 };
                vErrors === null ? vErrors = [err41] : vErrors.push(err41), errors++;
              }
            }
            if (data16.hostedZone !== void 0) {
              let data21 = data16.hostedZone;
              if (typeof data21 == "string") {
                if (!pattern12.test(data21)) {
                  let err42 = { instancePath: instancePath + "/aws/hostedZone", schemaPath: "#/properties/aws/properties/hostedZone/pattern", keyword: "pattern", params: { pattern: "^Z[A-Z0-9]{1,31}$" }, message: 'must match pattern "^Z[A-Z0-9]{1,31}$"', schema: "^Z[A-Z0-9]{1,31}$", parentSchema: schema31.properties.aws.properties.hostedZone, data: data21 };
                  vErrors === null ? vErrors = [err42] : vErrors.push(err42), errors++;
                }
              } else {
                let err43 = { instancePath: instancePath + "/aws/hostedZone", schemaPath: "#/properties/aws/properties/hostedZone/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.aws.properties.hostedZone.type, parentSchema: schema31.properties.aws.properties.hostedZone, data: data21 };
                vErrors === null ? vErrors = [err43] : vErrors.push(err43), errors++;
              }
            }
          } else {
            let err44 = { instancePath: instancePath + "/aws", schemaPath: "#/properties/aws/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.aws.type, parentSchema: schema31.properties.aws, data: data16 };
            vErrors === null ? vErrors = [err44] : vErrors.push(err44), errors++;
          }
        }
        if (data.environments !== void 0) {
          let data22 = data.environments;
          if (data22 && typeof data22 == "object" && !Array.isArray(data22)) {
            for (let key4 in data22) {
              let _errs51 = errors;
              if (typeof key4 == "string") {
                if (func1(key4) > 40) {
                  let err45 = { instancePath: instancePath + "/environments", schemaPath: "#/properties/environments/propertyNames/maxLength", keyword: "maxLength", params: { limit: 40 }, message: "must NOT have more than 40 characters", schema: 40, parentSchema: schema31.properties.environments.propertyNames, data: key4, propertyName: key4 };
                  vErrors === null ? vErrors = [err45] : vErrors.push(err45), errors++;
                }
                if (!pattern13.test(key4)) {
                  let err46 = { instancePath: instancePath + "/environments", schemaPath: "#/properties/environments/propertyNames/pattern", keyword: "pattern", params: { pattern: "^(?!pr-0)[a-z](?:-?[a-z0-9])*$" }, message: 'must match pattern "^(?!pr-0)[a-z](?:-?[a-z0-9])*$"', schema: "^(?!pr-0)[a-z](?:-?[a-z0-9])*$", parentSchema: schema31.properties.environments.propertyNames, data: key4, propertyName: key4 };
                  vErrors === null ? vErrors = [err46] : vErrors.push(err46), errors++;
                }
              }
              var valid18 = _errs51 === errors;
              if (!valid18) {
                let err47 = { instancePath: instancePath + "/environments", schemaPath: "#/properties/environments/propertyNames", keyword: "propertyNames", params: { propertyName: key4 }, message: "property name must be valid", schema: schema31.properties.environments.propertyNames, parentSchema: schema31.properties.environments, data: data22 };
                vErrors === null ? vErrors = [err47] : vErrors.push(err47), errors++;
              }
            }
            for (let key5 in data22)
              key5 === "preview" || key5 === "development" || validate21(data22[key5], { instancePath: instancePath + "/environments/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"), parentData: data22, parentDataProperty: key5, rootData, dynamicAnchors }) || (vErrors = vErrors === null ? validate21.errors : vErrors.concat(validate21.errors), errors = vErrors.length);
            data22.preview !== void 0 && (validate25(data22.preview, { instancePath: instancePath + "/environments/preview", parentData: data22, parentDataProperty: "preview", rootData, dynamicAnchors }) || (vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors), errors = vErrors.length)), data22.development !== void 0 && (validate25(data22.development, { instancePath: instancePath + "/environments/development", parentData: data22, parentDataProperty: "development", rootData, dynamicAnchors }) || (vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors), errors = vErrors.length));
          } else {
            let err48 = { instancePath: instancePath + "/environments", schemaPath: "#/properties/environments/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.environments.type, parentSchema: schema31.properties.environments, data: data22 };
            vErrors === null ? vErrors = [err48] : vErrors.push(err48), errors++;
          }
        }
      } else {
        let err49 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.type, parentSchema: schema31, data };
        vErrors === null ? vErrors = [err49] : vErrors.push(err49), errors++;
      }
      return validate20.errors = vErrors, errors === 0;
    }
    validate20.evaluated = { props: !0, dynamicProps: !1, dynamicItems: !1 };
  }
});
export const validate = require_stdin();
