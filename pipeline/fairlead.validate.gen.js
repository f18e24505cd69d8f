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
    var schema31 = { $schema: "https://json-schema.org/draft/2020-12/schema", title: "fairlead.json", description: "How an application is deployed. Every setting has a default; the file itself is optional.", type: "object", additionalProperties: !1, properties: { $schema: { description: "Where editors find this schema.", type: "string" }, name: { description: "The application's name, unless `encore.app` has an `id`.", type: "string", pattern: "^[a-z](?:-?[a-z0-9])*$", maxLength: 40 }, target: { description: "Where environments are put. `local`: this machine.", enum: ["local"], default: "local" }, build: { description: "How images are built.", type: "object", additionalProperties: !1, properties: { base: { description: "The image that images lie on: a name with a tag, whose digest `fairlead images update` pins, or with a digest. Default: the one Fairlead comes with.", type: "string", pattern: "^[^\\s]{1,512}$" }, platforms: { description: "What images are made for. Packages with native parts may allow fewer.", type: "array", items: { enum: ["linux/amd64", "linux/arm64"] }, minItems: 1, uniqueItems: !0, default: ["linux/amd64", "linux/arm64"] }, external: { description: "Packages that are carried file by file and not bundled, besides those that must be.", $ref: "#/$defs/packages" }, bundle: { description: "Packages that are bundled, although they look as if they could not be.", $ref: "#/$defs/packages" }, dockerfile: { description: "Whether the image of all services in one process is built from the `Dockerfile` in the application's root. A Dockerfile in the directory of a service always counts, for a process of that service alone.", type: "boolean", default: !1 }, allowSecrets: { description: "Paths in the image that may be in it although they look as if they held secrets; one that ends in `/` is a directory.", type: "array", items: { type: "string", minLength: 1 }, uniqueItems: !0 } } }, releases: { description: "How long releases are kept.", type: "object", additionalProperties: !1, properties: { keep: { description: "How many of the last releases of each environment of type production stay, besides all that run anywhere.", type: "integer", minimum: 1, maximum: 1e3, default: 10 } } }, environments: { description: "Settings by environment name (`production`, `staging`, `pr-72`) or by type (`preview`, `development`, `local`, `production`). The name wins over the type.", type: "object", propertyNames: { pattern: "^(?!pr-0)[a-z](?:-?[a-z0-9])*$", maxLength: 40 }, properties: { preview: { $ref: "#/$defs/many" }, development: { $ref: "#/$defs/many" } }, additionalProperties: { $ref: "#/$defs/one" } } }, $defs: { packages: { description: "Names of packages.", type: "array", items: { description: "The name of a package, such as `sharp` or `@prisma/client`.", type: "string", pattern: "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$" }, uniqueItems: !0 }, many: { description: "Settings of all environments of a type. Ports are per environment, so there is none here.", type: "object", additionalProperties: !1, properties: { processes: { $ref: "#/$defs/processes" }, cron: { $ref: "#/$defs/cron" }, healthTimeout: { $ref: "#/$defs/healthTimeout" }, smoke: { $ref: "#/$defs/smoke" } } }, one: { description: "Settings of one environment.", type: "object", additionalProperties: !1, properties: { processes: { $ref: "#/$defs/processes" }, cron: { $ref: "#/$defs/cron" }, healthTimeout: { $ref: "#/$defs/healthTimeout" }, smoke: { $ref: "#/$defs/smoke" }, port: { description: "The port its URL has on this machine. Default: any free one, kept for the environment's life.", type: "integer", minimum: 1, maximum: 65535 } } }, processes: { description: "`all-in-one`: every service in one process. `per-service`: one process per service, and one for the gateway.", enum: ["all-in-one", "per-service"], default: "all-in-one" }, cron: { description: "Whether cron jobs run on their schedule. Default: no in previews, yes elsewhere. A manual trigger always works.", type: "boolean" }, healthTimeout: { description: "How long a new process has to answer before the release is refused: a number and `ms`, `s` or `m`.", type: "string", pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", default: "30s" }, smoke: { description: "What a release has to do right after it was put up. If it does not, a promotion brings the former release back and fails.", type: "object", additionalProperties: !1, properties: { urls: { description: "What is asked for, all at once, each again every second until it answers as it should.", type: "array", maxItems: 20, items: { description: "A URL of the environment, and how it has to answer to a GET.", type: "object", additionalProperties: !1, required: ["path"], properties: { path: { description: "The path and query on the environment's own host, such as `/health`. Redirects within the host are followed.", type: "string", pattern: "^/(?!/)[^\\s\\\\]{0,1000}$" }, status: { description: "The status of the answer. Default: any from 200 to 299.", type: "integer", minimum: 100, maximum: 599 }, contains: { description: "What the first 256 KiB of the answer have to have in them.", type: "string", minLength: 1, maxLength: 1e3 } } } }, timeout: { description: "In what time all of them have to answer as they should: a number and `ms`, `s` or `m`.", type: "string", pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", default: "30s" }, command: { description: "A command to run as well, in a shell in the application's directory, with the environment's URL in `FAIRLEAD_URL`. On GitHub it runs in a job without credentials.", type: "string", minLength: 1, maxLength: 4e3 } } } } }, schema32 = { description: "Names of packages.", type: "array", items: { description: "The name of a package, such as `sharp` or `@prisma/client`.", type: "string", pattern: "^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$" }, uniqueItems: !0 }, func1 = require_ucs2length().default, func0 = require_equal().default, pattern4 = new RegExp("^[a-z](?:-?[a-z0-9])*$", "u"), pattern5 = new RegExp("^[^\\s]{1,512}$", "u"), pattern6 = new RegExp("^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*$", "u"), pattern8 = new RegExp("^(?!pr-0)[a-z](?:-?[a-z0-9])*$", "u"), schema34 = { description: "Settings of one environment.", type: "object", additionalProperties: !1, properties: { processes: { $ref: "#/$defs/processes" }, cron: { $ref: "#/$defs/cron" }, healthTimeout: { $ref: "#/$defs/healthTimeout" }, smoke: { $ref: "#/$defs/smoke" }, port: { description: "The port its URL has on this machine. Default: any free one, kept for the environment's life.", type: "integer", minimum: 1, maximum: 65535 } } }, schema35 = { description: "`all-in-one`: every service in one process. `per-service`: one process per service, and one for the gateway.", enum: ["all-in-one", "per-service"], default: "all-in-one" }, schema36 = { description: "Whether cron jobs run on their schedule. Default: no in previews, yes elsewhere. A manual trigger always works.", type: "boolean" }, schema37 = { description: "How long a new process has to answer before the release is refused: a number and `ms`, `s` or `m`.", type: "string", pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", default: "30s" }, schema38 = { description: "What a release has to do right after it was put up. If it does not, a promotion brings the former release back and fails.", type: "object", additionalProperties: !1, properties: { urls: { description: "What is asked for, all at once, each again every second until it answers as it should.", type: "array", maxItems: 20, items: { description: "A URL of the environment, and how it has to answer to a GET.", type: "object", additionalProperties: !1, required: ["path"], properties: { path: { description: "The path and query on the environment's own host, such as `/health`. Redirects within the host are followed.", type: "string", pattern: "^/(?!/)[^\\s\\\\]{0,1000}$" }, status: { description: "The status of the answer. Default: any from 200 to 299.", type: "integer", minimum: 100, maximum: 599 }, contains: { description: "What the first 256 KiB of the answer have to have in them.", type: "string", minLength: 1, maxLength: 1e3 } } } }, timeout: { description: "In what time all of them have to answer as they should: a number and `ms`, `s` or `m`.", type: "string", pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", default: "30s" }, command: { description: "A command to run as well, in a shell in the application's directory, with the environment's URL in `FAIRLEAD_URL`. On GitHub it runs in a job without credentials.", type: "string", minLength: 1, maxLength: 4e3 } } }, pattern9 = new RegExp("^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", "u"), pattern10 = new RegExp("^/(?!/)[^\\s\\\\]{0,1000}$", "u");
    function validate21(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate21.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        for (let key0 in data)
          if (!(key0 === "processes" || key0 === "cron" || key0 === "healthTimeout" || key0 === "smoke" || key0 === "port")) {
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
            if (!pattern9.test(data2)) {
              let err3 = { instancePath: instancePath + "/healthTimeout", schemaPath: "#/$defs/healthTimeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$" }, message: 'must match pattern "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$"', schema: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", parentSchema: schema37, data: data2 };
              vErrors === null ? vErrors = [err3] : vErrors.push(err3), errors++;
            }
          } else {
            let err4 = { instancePath: instancePath + "/healthTimeout", schemaPath: "#/$defs/healthTimeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema37.type, parentSchema: schema37, data: data2 };
            vErrors === null ? vErrors = [err4] : vErrors.push(err4), errors++;
          }
        }
        if (data.smoke !== void 0) {
          let data3 = data.smoke;
          if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
            for (let key1 in data3)
              if (!(key1 === "urls" || key1 === "timeout" || key1 === "command")) {
                let err5 = { instancePath: instancePath + "/smoke", schemaPath: "#/$defs/smoke/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema38, data: data3 };
                vErrors === null ? vErrors = [err5] : vErrors.push(err5), errors++;
              }
            if (data3.urls !== void 0) {
              let data4 = data3.urls;
              if (Array.isArray(data4)) {
                if (data4.length > 20) {
                  let err6 = { instancePath: instancePath + "/smoke/urls", schemaPath: "#/$defs/smoke/properties/urls/maxItems", keyword: "maxItems", params: { limit: 20 }, message: "must NOT have more than 20 items", schema: 20, parentSchema: schema38.properties.urls, data: data4 };
                  vErrors === null ? vErrors = [err6] : vErrors.push(err6), errors++;
                }
                let len0 = data4.length;
                for (let i0 = 0; i0 < len0; i0++) {
                  let data5 = data4[i0];
                  if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
                    if (data5.path === void 0) {
                      let err7 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'", schema: schema38.properties.urls.items.required, parentSchema: schema38.properties.urls.items, data: data5 };
                      vErrors === null ? vErrors = [err7] : vErrors.push(err7), errors++;
                    }
                    for (let key2 in data5)
                      if (!(key2 === "path" || key2 === "status" || key2 === "contains")) {
                        let err8 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key2 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema38.properties.urls.items, data: data5 };
                        vErrors === null ? vErrors = [err8] : vErrors.push(err8), errors++;
                      }
                    if (data5.path !== void 0) {
                      let data6 = data5.path;
                      if (typeof data6 == "string") {
                        if (!pattern10.test(data6)) {
                          let err9 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/path", schemaPath: "#/$defs/smoke/properties/urls/items/properties/path/pattern", keyword: "pattern", params: { pattern: "^/(?!/)[^\\s\\\\]{0,1000}$" }, message: 'must match pattern "^/(?!/)[^\\s\\\\]{0,1000}$"', schema: "^/(?!/)[^\\s\\\\]{0,1000}$", parentSchema: schema38.properties.urls.items.properties.path, data: data6 };
                          vErrors === null ? vErrors = [err9] : vErrors.push(err9), errors++;
                        }
                      } else {
                        let err10 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/path", schemaPath: "#/$defs/smoke/properties/urls/items/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.properties.urls.items.properties.path.type, parentSchema: schema38.properties.urls.items.properties.path, data: data6 };
                        vErrors === null ? vErrors = [err10] : vErrors.push(err10), errors++;
                      }
                    }
                    if (data5.status !== void 0) {
                      let data7 = data5.status;
                      if (!(typeof data7 == "number" && !(data7 % 1) && !isNaN(data7) && isFinite(data7))) {
                        let err11 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema38.properties.urls.items.properties.status.type, parentSchema: schema38.properties.urls.items.properties.status, data: data7 };
                        vErrors === null ? vErrors = [err11] : vErrors.push(err11), errors++;
                      }
                      if (typeof data7 == "number" && isFinite(data7)) {
                        if (data7 > 599 || isNaN(data7)) {
                          let err12 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/maximum", keyword: "maximum", params: { comparison: "<=", limit: 599 }, message: "must be <= 599", schema: 599, parentSchema: schema38.properties.urls.items.properties.status, data: data7 };
                          vErrors === null ? vErrors = [err12] : vErrors.push(err12), errors++;
                        }
                        if (data7 < 100 || isNaN(data7)) {
                          let err13 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/minimum", keyword: "minimum", params: { comparison: ">=", limit: 100 }, message: "must be >= 100", schema: 100, parentSchema: schema38.properties.urls.items.properties.status, data: data7 };
                          vErrors === null ? vErrors = [err13] : vErrors.push(err13), errors++;
                        }
                      }
                    }
                    if (data5.contains !== void 0) {
                      let data8 = data5.contains;
                      if (typeof data8 == "string") {
                        if (func1(data8) > 1e3) {
                          let err14 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/maxLength", keyword: "maxLength", params: { limit: 1e3 }, message: "must NOT have more than 1000 characters", schema: 1e3, parentSchema: schema38.properties.urls.items.properties.contains, data: data8 };
                          vErrors === null ? vErrors = [err14] : vErrors.push(err14), errors++;
                        }
                        if (func1(data8) < 1) {
                          let err15 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema38.properties.urls.items.properties.contains, data: data8 };
                          vErrors === null ? vErrors = [err15] : vErrors.push(err15), errors++;
                        }
                      } else {
                        let err16 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.properties.urls.items.properties.contains.type, parentSchema: schema38.properties.urls.items.properties.contains, data: data8 };
                        vErrors === null ? vErrors = [err16] : vErrors.push(err16), errors++;
                      }
                    }
                  } else {
                    let err17 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema38.properties.urls.items.type, parentSchema: schema38.properties.urls.items, data: data5 };
                    vErrors === null ? vErrors = [err17] : vErrors.push(err17), errors++;
                  }
                }
              } else {
                let err18 = { instancePath: instancePath + "/smoke/urls", schemaPath: "#/$defs/smoke/properties/urls/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema38.properties.urls.type, parentSchema: schema38.properties.urls, data: data4 };
                vErrors === null ? vErrors = [err18] : vErrors.push(err18), errors++;
              }
            }
            if (data3.timeout !== void 0) {
              let data9 = data3.timeout;
              if (typeof data9 == "string") {
                if (!pattern9.test(data9)) {
                  let err19 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/$defs/smoke/properties/timeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$" }, message: 'must match pattern "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$"', schema: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", parentSchema: schema38.properties.timeout, data: data9 };
                  vErrors === null ? vErrors = [err19] : vErrors.push(err19), errors++;
                }
              } else {
                let err20 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/$defs/smoke/properties/timeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.properties.timeout.type, parentSchema: schema38.properties.timeout, data: data9 };
                vErrors === null ? vErrors = [err20] : vErrors.push(err20), errors++;
              }
            }
            if (data3.command !== void 0) {
              let data10 = data3.command;
              if (typeof data10 == "string") {
                if (func1(data10) > 4e3) {
                  let err21 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/maxLength", keyword: "maxLength", params: { limit: 4e3 }, message: "must NOT have more than 4000 characters", schema: 4e3, parentSchema: schema38.properties.command, data: data10 };
                  vErrors === null ? vErrors = [err21] : vErrors.push(err21), errors++;
                }
                if (func1(data10) < 1) {
                  let err22 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema38.properties.command, data: data10 };
                  vErrors === null ? vErrors = [err22] : vErrors.push(err22), errors++;
                }
              } else {
                let err23 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.properties.command.type, parentSchema: schema38.properties.command, data: data10 };
                vErrors === null ? vErrors = [err23] : vErrors.push(err23), errors++;
              }
            }
          } else {
            let err24 = { instancePath: instancePath + "/smoke", schemaPath: "#/$defs/smoke/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema38.type, parentSchema: schema38, data: data3 };
            vErrors === null ? vErrors = [err24] : vErrors.push(err24), errors++;
          }
        }
        if (data.port !== void 0) {
          let data11 = data.port;
          if (!(typeof data11 == "number" && !(data11 % 1) && !isNaN(data11) && isFinite(data11))) {
            let err25 = { instancePath: instancePath + "/port", schemaPath: "#/properties/port/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema34.properties.port.type, parentSchema: schema34.properties.port, data: data11 };
            vErrors === null ? vErrors = [err25] : vErrors.push(err25), errors++;
          }
          if (typeof data11 == "number" && isFinite(data11)) {
            if (data11 > 65535 || isNaN(data11)) {
              let err26 = { instancePath: instancePath + "/port", schemaPath: "#/properties/port/maximum", keyword: "maximum", params: { comparison: "<=", limit: 65535 }, message: "must be <= 65535", schema: 65535, parentSchema: schema34.properties.port, data: data11 };
              vErrors === null ? vErrors = [err26] : vErrors.push(err26), errors++;
            }
            if (data11 < 1 || isNaN(data11)) {
              let err27 = { instancePath: instancePath + "/port", schemaPath: "#/properties/port/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema34.properties.port, data: data11 };
              vErrors === null ? vErrors = [err27] : vErrors.push(err27), errors++;
            }
          }
        }
      } else {
        let err28 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema34.type, parentSchema: schema34, data };
        vErrors === null ? vErrors = [err28] : vErrors.push(err28), errors++;
      }
      return validate21.errors = vErrors, errors === 0;
    }
    validate21.evaluated = { props: !0, dynamicProps: !1, dynamicItems: !1 };
    var schema39 = { description: "Settings of all environments of a type. Ports are per environment, so there is none here.", type: "object", additionalProperties: !1, properties: { processes: { $ref: "#/$defs/processes" }, cron: { $ref: "#/$defs/cron" }, healthTimeout: { $ref: "#/$defs/healthTimeout" }, smoke: { $ref: "#/$defs/smoke" } } };
    function validate23(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate23.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        for (let key0 in data)
          if (!(key0 === "processes" || key0 === "cron" || key0 === "healthTimeout" || key0 === "smoke")) {
            let err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema39, data };
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
            if (!pattern9.test(data2)) {
              let err3 = { instancePath: instancePath + "/healthTimeout", schemaPath: "#/$defs/healthTimeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$" }, message: 'must match pattern "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$"', schema: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", parentSchema: schema37, data: data2 };
              vErrors === null ? vErrors = [err3] : vErrors.push(err3), errors++;
            }
          } else {
            let err4 = { instancePath: instancePath + "/healthTimeout", schemaPath: "#/$defs/healthTimeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema37.type, parentSchema: schema37, data: data2 };
            vErrors === null ? vErrors = [err4] : vErrors.push(err4), errors++;
          }
        }
        if (data.smoke !== void 0) {
          let data3 = data.smoke;
          if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
            for (let key1 in data3)
              if (!(key1 === "urls" || key1 === "timeout" || key1 === "command")) {
                let err5 = { instancePath: instancePath + "/smoke", schemaPath: "#/$defs/smoke/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema38, data: data3 };
                vErrors === null ? vErrors = [err5] : vErrors.push(err5), errors++;
              }
            if (data3.urls !== void 0) {
              let data4 = data3.urls;
              if (Array.isArray(data4)) {
                if (data4.length > 20) {
                  let err6 = { instancePath: instancePath + "/smoke/urls", schemaPath: "#/$defs/smoke/properties/urls/maxItems", keyword: "maxItems", params: { limit: 20 }, message: "must NOT have more than 20 items", schema: 20, parentSchema: schema38.properties.urls, data: data4 };
                  vErrors === null ? vErrors = [err6] : vErrors.push(err6), errors++;
                }
                let len0 = data4.length;
                for (let i0 = 0; i0 < len0; i0++) {
                  let data5 = data4[i0];
                  if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
                    if (data5.path === void 0) {
                      let err7 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'", schema: schema38.properties.urls.items.required, parentSchema: schema38.properties.urls.items, data: data5 };
                      vErrors === null ? vErrors = [err7] : vErrors.push(err7), errors++;
                    }
                    for (let key2 in data5)
                      if (!(key2 === "path" || key2 === "status" || key2 === "contains")) {
                        let err8 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key2 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema38.properties.urls.items, data: data5 };
                        vErrors === null ? vErrors = [err8] : vErrors.push(err8), errors++;
                      }
                    if (data5.path !== void 0) {
                      let data6 = data5.path;
                      if (typeof data6 == "string") {
                        if (!pattern10.test(data6)) {
                          let err9 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/path", schemaPath: "#/$defs/smoke/properties/urls/items/properties/path/pattern", keyword: "pattern", params: { pattern: "^/(?!/)[^\\s\\\\]{0,1000}$" }, message: 'must match pattern "^/(?!/)[^\\s\\\\]{0,1000}$"', schema: "^/(?!/)[^\\s\\\\]{0,1000}$", parentSchema: schema38.properties.urls.items.properties.path, data: data6 };
                          vErrors === null ? vErrors = [err9] : vErrors.push(err9), errors++;
                        }
                      } else {
                        let err10 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/path", schemaPath: "#/$defs/smoke/properties/urls/items/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.properties.urls.items.properties.path.type, parentSchema: schema38.properties.urls.items.properties.path, data: data6 };
                        vErrors === null ? vErrors = [err10] : vErrors.push(err10), errors++;
                      }
                    }
                    if (data5.status !== void 0) {
                      let data7 = data5.status;
                      if (!(typeof data7 == "number" && !(data7 % 1) && !isNaN(data7) && isFinite(data7))) {
                        let err11 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema38.properties.urls.items.properties.status.type, parentSchema: schema38.properties.urls.items.properties.status, data: data7 };
                        vErrors === null ? vErrors = [err11] : vErrors.push(err11), errors++;
                      }
                      if (typeof data7 == "number" && isFinite(data7)) {
                        if (data7 > 599 || isNaN(data7)) {
                          let err12 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/maximum", keyword: "maximum", params: { comparison: "<=", limit: 599 }, message: "must be <= 599", schema: 599, parentSchema: schema38.properties.urls.items.properties.status, data: data7 };
                          vErrors === null ? vErrors = [err12] : vErrors.push(err12), errors++;
                        }
                        if (data7 < 100 || isNaN(data7)) {
                          let err13 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/status", schemaPath: "#/$defs/smoke/properties/urls/items/properties/status/minimum", keyword: "minimum", params: { comparison: ">=", limit: 100 }, message: "must be >= 100", schema: 100, parentSchema: schema38.properties.urls.items.properties.status, data: data7 };
                          vErrors === null ? vErrors = [err13] : vErrors.push(err13), errors++;
                        }
                      }
                    }
                    if (data5.contains !== void 0) {
                      let data8 = data5.contains;
                      if (typeof data8 == "string") {
                        if (func1(data8) > 1e3) {
                          let err14 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/maxLength", keyword: "maxLength", params: { limit: 1e3 }, message: "must NOT have more than 1000 characters", schema: 1e3, parentSchema: schema38.properties.urls.items.properties.contains, data: data8 };
                          vErrors === null ? vErrors = [err14] : vErrors.push(err14), errors++;
                        }
                        if (func1(data8) < 1) {
                          let err15 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema38.properties.urls.items.properties.contains, data: data8 };
                          vErrors === null ? vErrors = [err15] : vErrors.push(err15), errors++;
                        }
                      } else {
                        let err16 = { instancePath: instancePath + "/smoke/urls/" + i0 + "/contains", schemaPath: "#/$defs/smoke/properties/urls/items/properties/contains/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.properties.urls.items.properties.contains.type, parentSchema: schema38.properties.urls.items.properties.contains, data: data8 };
                        vErrors === null ? vErrors = [err16] : vErrors.push(err16), errors++;
                      }
                    }
                  } else {
                    let err17 = { instancePath: instancePath + "/smoke/urls/" + i0, schemaPath: "#/$defs/smoke/properties/urls/items/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema38.properties.urls.items.type, parentSchema: schema38.properties.urls.items, data: data5 };
                    vErrors === null ? vErrors = [err17] : vErrors.push(err17), errors++;
                  }
                }
              } else {
                let err18 = { instancePath: instancePath + "/smoke/urls", schemaPath: "#/$defs/smoke/properties/urls/type", keyword: "type", params: { type: "array" }, message: "must be array", schema: schema38.properties.urls.type, parentSchema: schema38.properties.urls, data: data4 };
                vErrors === null ? vErrors = [err18] : vErrors.push(err18), errors++;
              }
            }
            if (data3.timeout !== void 0) {
              let data9 = data3.timeout;
              if (typeof data9 == "string") {
                if (!pattern9.test(data9)) {
                  let err19 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/$defs/smoke/properties/timeout/pattern", keyword: "pattern", params: { pattern: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$" }, message: 'must match pattern "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$"', schema: "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,2}s|[1-9][0-9]?m)$", parentSchema: schema38.properties.timeout, data: data9 };
                  vErrors === null ? vErrors = [err19] : vErrors.push(err19), errors++;
                }
              } else {
                let err20 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/$defs/smoke/properties/timeout/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.properties.timeout.type, parentSchema: schema38.properties.timeout, data: data9 };
                vErrors === null ? vErrors = [err20] : vErrors.push(err20), errors++;
              }
            }
            if (data3.command !== void 0) {
              let data10 = data3.command;
              if (typeof data10 == "string") {
                if (func1(data10) > 4e3) {
                  let err21 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/maxLength", keyword: "maxLength", params: { limit: 4e3 }, message: "must NOT have more than 4000 characters", schema: 4e3, parentSchema: schema38.properties.command, data: data10 };
                  vErrors === null ? vErrors = [err21] : vErrors.push(err21), errors++;
                }
                if (func1(data10) < 1) {
                  let err22 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema38.properties.command, data: data10 };
                  vErrors === null ? vErrors = [err22] : vErrors.push(err22), errors++;
                }
              } else {
                let err23 = { instancePath: instancePath + "/smoke/command", schemaPath: "#/$defs/smoke/properties/command/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema38.properties.command.type, parentSchema: schema38.properties.command, data: data10 };
                vErrors === null ? vErrors = [err23] : vErrors.push(err23), errors++;
              }
            }
          } else {
            let err24 = { instancePath: instancePath + "/smoke", schemaPath: "#/$defs/smoke/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema38.type, parentSchema: schema38, data: data3 };
            vErrors === null ? vErrors = [err24] : vErrors.push(err24), errors++;
          }
        }
      } else {
        let err25 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema39.type, parentSchema: schema39, data };
        vErrors === null ? vErrors = [err25] : vErrors.push(err25), errors++;
      }
      return validate23.errors = vErrors, errors === 0;
    }
    validate23.evaluated = { props: !0, dynamicProps: !1, dynamicItems: !1 };
    function validate20(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate20.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        for (let key0 in data)
          if (!(key0 === "$schema" || key0 === "name" || key0 === "target" || key0 === "build" || key0 === "releases" || key0 === "environments")) {
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
          if (data2 !== "local") {
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
        if (data.environments !== void 0) {
          let data16 = data.environments;
          if (data16 && typeof data16 == "object" && !Array.isArray(data16)) {
            for (let key3 in data16) {
              let _errs38 = errors;
              if (typeof key3 == "string") {
                if (func1(key3) > 40) {
                  let err32 = { instancePath: instancePath + "/environments", schemaPath: "#/properties/environments/propertyNames/maxLength", keyword: "maxLength", params: { limit: 40 }, message: "must NOT have more than 40 characters", schema: 40, parentSchema: schema31.properties.environments.propertyNames, data: key3, propertyName: key3 };
                  vErrors === null ? vErrors = [err32] : vErrors.push(err32), errors++;
                }
                if (!pattern8.test(key3)) {
                  let err33 = { instancePath: instancePath + "/environments", schemaPath: "#/properties/environments/propertyNames/pattern", keyword: "pattern", params: { pattern: "^(?!pr-0)[a-z](?:-?[a-z0-9])*$" }, message: 'must match pattern "^(?!pr-0)[a-z](?:-?[a-z0-9])*$"', schema: "^(?!pr-0)[a-z](?:-?[a-z0-9])*$", parentSchema: schema31.properties.environments.propertyNames, data: key3, propertyName: key3 };
                  vErrors === null ? vErrors = [err33] : vErrors.push(err33), errors++;
                }
              }
              var valid17 = _errs38 === errors;
              if (!valid17) {
                let err34 = { instancePath: instancePath + "/environments", schemaPath: "#/properties/environments/propertyNames", keyword: "propertyNames", params: { propertyName: key3 }, message: "property name must be valid", schema: schema31.properties.environments.propertyNames, parentSchema: schema31.properties.environments, data: data16 };
                vErrors === null ? vErrors = [err34] : vErrors.push(err34), errors++;
              }
            }
            for (let key4 in data16)
              key4 === "preview" || key4 === "development" || validate21(data16[key4], { instancePath: instancePath + "/environments/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"), parentData: data16, parentDataProperty: key4, rootData, dynamicAnchors }) || (vErrors = vErrors === null ? validate21.errors : vErrors.concat(validate21.errors), errors = vErrors.length);
            data16.preview !== void 0 && (validate23(data16.preview, { instancePath: instancePath + "/environments/preview", parentData: data16, parentDataProperty: "preview", rootData, dynamicAnchors }) || (vErrors = vErrors === null ? validate23.errors : vErrors.concat(validate23.errors), errors = vErrors.length)), data16.development !== void 0 && (validate23(data16.development, { instancePath: instancePath + "/environments/development", parentData: data16, parentDataProperty: "development", rootData, dynamicAnchors }) || (vErrors = vErrors === null ? validate23.errors : vErrors.concat(validate23.errors), errors = vErrors.length));
          } else {
            let err35 = { instancePath: instancePath + "/environments", schemaPath: "#/properties/environments/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.environments.type, parentSchema: schema31.properties.environments, data: data16 };
            vErrors === null ? vErrors = [err35] : vErrors.push(err35), errors++;
          }
        }
      } else {
        let err36 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.type, parentSchema: schema31, data };
        vErrors === null ? vErrors = [err36] : vErrors.push(err36), errors++;
      }
      return validate20.errors = vErrors, errors === 0;
    }
    validate20.evaluated = { props: !0, dynamicProps: !1, dynamicItems: !1 };
  }
});
export const validate = require_stdin();
