"""The tables behind the cloud."""

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS groups (
  id INTEGER PRIMARY KEY, pid INTEGER, name TEXT, type INTEGER, gpath TEXT UNIQUE,
  contact TEXT DEFAULT '', phone TEXT DEFAULT '', area TEXT DEFAULT '', create_at TEXT);
CREATE TABLE IF NOT EXISTS users (
  id INTEGER PRIMARY KEY, user_name TEXT COLLATE NOCASE UNIQUE,
  email TEXT COLLATE NOCASE DEFAULT '', name TEXT, phone TEXT DEFAULT '',
  gid INTEGER REFERENCES groups, type INTEGER, role INTEGER, dc INTEGER DEFAULT 0,
  digest TEXT, clear TEXT, salt TEXT, create_at TEXT);
CREATE INDEX IF NOT EXISTS users_by_email ON users (email);
CREATE INDEX IF NOT EXISTS users_by_group ON users (gid);
CREATE TABLE IF NOT EXISTS stations (
  id INTEGER PRIMARY KEY, gid INTEGER REFERENCES groups, name TEXT, type INTEGER,
  classify INTEGER, capacitor REAL, address TEXT, latitude REAL, longitude REAL,
  tz TEXT, status INTEGER, pic_path TEXT DEFAULT '', remarks TEXT DEFAULT '',
  dc INTEGER DEFAULT 0, ak TEXT, create_by INTEGER, create_at TEXT, update_at TEXT,
  regulation TEXT, offline_since TEXT);
CREATE INDEX IF NOT EXISTS stations_by_group ON stations (gid);
CREATE TABLE IF NOT EXISTS owners (
  sid INTEGER, uid INTEGER, PRIMARY KEY (sid, uid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS owners_by_user ON owners (uid);
CREATE TABLE IF NOT EXISTS stars (
  uid INTEGER, sid INTEGER, PRIMARY KEY (uid, sid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS devices (
  id INTEGER PRIMARY KEY, sid INTEGER, parent INTEGER, sn TEXT, dtu_sn TEXT,
  type INTEGER, version INTEGER, model_no TEXT, soft_ver TEXT, hard_ver TEXT,
  extend_data TEXT, replace_num INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS devices_by_station ON devices (sid);
CREATE INDEX IF NOT EXISTS devices_by_serial ON devices (sn);
CREATE TABLE IF NOT EXISTS alarms (
  id INTEGER PRIMARY KEY, sid INTEGER, sn TEXT, code INTEGER, start_at TEXT, end_at TEXT);
CREATE INDEX IF NOT EXISTS alarms_by_station ON alarms (sid);
CREATE TABLE IF NOT EXISTS settings (
  sid INTEGER, name TEXT, value TEXT, PRIMARY KEY (sid, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock (
  dtu_sn TEXT PRIMARY KEY, inverter_sn TEXT) WITHOUT ROWID;
"""
"""``digest`` is ``md5hex.base64sha256``; ``clear`` and ``salt`` exist only for made-up accounts
whose password has never been changed. ``regulation``, ``extend_data`` and ``value`` hold JSON,
times are UTC."""
