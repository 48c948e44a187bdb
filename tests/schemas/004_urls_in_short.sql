BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'archive','001_first','2026-11-22 06:32:00.496490+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'archive','002_in_short','2026-11-22 06:32:00.496745+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'archive','003_capture_facts','2026-11-22 06:32:00.499863+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'archive','004_urls_in_short','2026-11-22 06:32:00.500149+00:00');
CREATE TABLE acknowledgements (
      portal TEXT PRIMARY KEY REFERENCES portals,
      at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
      until TEXT NOT NULL CHECK (until IS date(until, '+0 days') AND until BETWEEN '1900-01-01' AND '2100-01-01'),
      reason TEXT NOT NULL
    ) STRICT
    ;
INSERT INTO "acknowledgements" VALUES('thu_nghiem','2026-07-01T00:00:00Z','2026-08-01','biết rồi');
CREATE TABLE bodies (
      sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
      dictionary_id INTEGER REFERENCES dictionaries,
      base BLOB REFERENCES bodies,
      raw_size INTEGER NOT NULL CHECK (raw_size >= 0),
      data BLOB NOT NULL,
      CHECK (dictionary_id IS NULL OR base IS NULL)
    ) STRICT
    ;
INSERT INTO "bodies" VALUES(X'691CDB65B8F4F61E9B0C8AEDF6C4BC6C87CC75E6DB49F9C4CFD425379762C905',1,NULL,9248,X'28B52FFD642023CD0400640654696E2030C4906FE1BAA16E20303A206EE1BB99692064756E672063E1BBA7612062C3A069207669E1BABF742C2064E1BBAB6120C491E1BBA783206B62E1BB8B20636F69206CC3A0207472616E67206CE1BB97692E3132333435436869612073E1BABB3A20340F006384D434174C3740CA06486580F4062456C3B35188EA466DA8E8525A174C51D7A10EC308350B0D413A545E9B835383F521A8E0');
INSERT INTO "bodies" VALUES(X'0BA90BFD0E72584FE049BB4D902D61AFDAF7086F1D512C4A888D04BF338F882F',NULL,X'691CDB65B8F4F61E9B0C8AEDF6C4BC6C87CC75E6DB49F9C4CFD425379762C905',9248,X'28B52FFD6420237D00001039390300005001CED98E11C2D7207657E70E');
INSERT INTO "bodies" VALUES(X'3A4705B25EEA1474E4DFBF68F7E01991A441C5490A8506611B57E5D3FB5218CC',1,NULL,9248,X'28B52FFD642023E50400740654696E2031C4906FE1BAA16E20303A206EE1BB99692064756E672063E1BBA7612062C3A069207669E1BABF742C2064E1BBAB6120C491E1BBA783206B62E1BB8B20636F69206CC3A0207472616E67206CE1BB97692E3132333435436869612073E1BABB3A2034311020B0A29960623F001523A493FB74C3940DA98CD31B9558F56C14821BB5E1D0C55A1714751D0CC308B3D010A4435E9B83D382F530AB2F');
INSERT INTO "bodies" VALUES(X'BC1444376862D6A5C03D2803D1115E6F45C525335D65DB3C344327CF2D28E9B9',NULL,X'3A4705B25EEA1474E4DFBF68F7E01991A441C5490A8506611B57E5D3FB5218CC',9248,X'28B52FFD6420237D00001039390300005001CED98E11C2D720239E9F92');
INSERT INTO "bodies" VALUES(X'6615B5505780DFB85C409B69458B5A553CFBA17D583F73B4968A40824A5FCAD6',1,NULL,9248,X'28B52FFD642023E50400740654696E2032C4906FE1BAA16E20303A206EE1BB99692064756E672063E1BBA7612062C3A069207669E1BABF742C2064E1BBAB6120C491E1BBA783206B62E1BB8B20636F69206CC3A0207472616E67206CE1BB97692E3132333435436869612073E1BABB3A2034321020B0A29960623F001523A493FB74C3940DA98CD31B9558F56C14821BB5E1D0C55A1714751D0CC308B3D010A4435E9B83D38222861EB8');
INSERT INTO "bodies" VALUES(X'BCF86177C69D9CEAD562E27A19917DC44101E40F7B60DC0F32AEE662D8B28CAF',NULL,X'6615B5505780DFB85C409B69458B5A553CFBA17D583F73B4968A40824A5FCAD6',9248,X'28B52FFD6420237D00001039390300005001CED98E11C2D72091247B1C');
CREATE TABLE captures (
      id INTEGER PRIMARY KEY,
      article_id TEXT NOT NULL REFERENCES urls,
      crawl_id INTEGER REFERENCES crawls,
      fetched_at TEXT NOT NULL CHECK (fetched_at IS strftime('%Y-%m-%dT%H:%M:%SZ', fetched_at, '+0 days')),
      ordered_at TEXT NOT NULL CHECK (ordered_at IS strftime('%Y-%m-%dT%H:%M:%SZ', ordered_at, '+0 days')),
      origin TEXT NOT NULL CHECK (origin IN ('crawl', 'import', 'wayback')),
      outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'no-article', 'shrunk', 'soft-404', 'doubtful', 'not-modified', 'redirect', 'http-error', 'net-error', 'too-big', 'truncated', 'robots', 'blocked-target', 'erased')),
      url TEXT NOT NULL,
      final_url TEXT,
      status INTEGER CHECK (status BETWEEN 100 AND 599),
      headers TEXT NOT NULL CHECK (headers IS NULL OR json_valid(headers)),
      sha256 BLOB CHECK (length(sha256) = 32),
      bytes INTEGER,
      kept BLOB REFERENCES bodies,
      ip TEXT,
      tls_verified INTEGER CHECK (tls_verified IN (0, 1)),
      listed_published TEXT,
      flags TEXT NOT NULL DEFAULT '[]' CHECK (flags IS NULL OR json_valid(flags)),
      version INTEGER, facts BLOB CHECK (facts IS NULL OR length(facts) = 32),
      CHECK ((outcome = 'ok') <= (sha256 IS NOT NULL AND version IS NOT NULL)),
      FOREIGN KEY (article_id, version) REFERENCES versions (article_id, n) DEFERRABLE INITIALLY DEFERRED
    ) STRICT
    ;
INSERT INTO "captures" VALUES(1,'880b75cd00684a91',NULL,'2026-07-01T01:00:00Z','2026-07-01T01:00:00Z','crawl','ok','https://thu-nghiem.example/bai-0.html',NULL,200,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',X'691CDB65B8F4F61E9B0C8AEDF6C4BC6C87CC75E6DB49F9C4CFD425379762C905',9248,X'691CDB65B8F4F61E9B0C8AEDF6C4BC6C87CC75E6DB49F9C4CFD425379762C905',NULL,NULL,NULL,'[]',1,X'AA9B8DEC0D13254B3C8B2715FEEF8831DBCD45FAE2FE6EAD1A0C4A61835B08B4');
INSERT INTO "captures" VALUES(2,'880b75cd00684a91',NULL,'2026-07-02T01:00:00Z','2026-07-02T01:00:00Z','crawl','ok','https://thu-nghiem.example/bai-0.html',NULL,200,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',X'0BA90BFD0E72584FE049BB4D902D61AFDAF7086F1D512C4A888D04BF338F882F',9248,X'0BA90BFD0E72584FE049BB4D902D61AFDAF7086F1D512C4A888D04BF338F882F',NULL,NULL,NULL,'[]',2,X'97F969378A090E754EA336475D89C2804B6AE43ACD27CD308F2271005FD0D1EA');
INSERT INTO "captures" VALUES(3,'7e2c927785a7662f',NULL,'2026-07-01T01:00:00Z','2026-07-01T01:00:00Z','crawl','ok','https://thu-nghiem.example/bai-1.html',NULL,200,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',X'3A4705B25EEA1474E4DFBF68F7E01991A441C5490A8506611B57E5D3FB5218CC',9248,X'3A4705B25EEA1474E4DFBF68F7E01991A441C5490A8506611B57E5D3FB5218CC',NULL,NULL,NULL,'[]',1,X'8A99A9C788D39F7245E8C2758FC43048970DC25851D2731D56F4469B0B319952');
INSERT INTO "captures" VALUES(4,'7e2c927785a7662f',NULL,'2026-07-02T01:00:00Z','2026-07-02T01:00:00Z','crawl','ok','https://thu-nghiem.example/bai-1.html',NULL,200,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',X'BC1444376862D6A5C03D2803D1115E6F45C525335D65DB3C344327CF2D28E9B9',9248,X'BC1444376862D6A5C03D2803D1115E6F45C525335D65DB3C344327CF2D28E9B9',NULL,NULL,NULL,'[]',2,X'65A331193BDB4A1DF3B596F715DEC9E329899517B1EBB7455B42EB6526A921DF');
INSERT INTO "captures" VALUES(5,'58a2a6df2f4d1a26',NULL,'2026-07-01T01:00:00Z','2026-07-01T01:00:00Z','crawl','ok','https://thu-nghiem.example/bai-2.html',NULL,200,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',X'6615B5505780DFB85C409B69458B5A553CFBA17D583F73B4968A40824A5FCAD6',9248,X'6615B5505780DFB85C409B69458B5A553CFBA17D583F73B4968A40824A5FCAD6',NULL,NULL,NULL,'[]',1,X'86AF5D6F0A181C5A0AA6EDAD54F7612500830D8ECA49C306AC8653BC969981FA');
INSERT INTO "captures" VALUES(6,'58a2a6df2f4d1a26',NULL,'2026-07-02T01:00:00Z','2026-07-02T01:00:00Z','crawl','ok','https://thu-nghiem.example/bai-2.html',NULL,200,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',X'BCF86177C69D9CEAD562E27A19917DC44101E40F7B60DC0F32AEE662D8B28CAF',9248,X'BCF86177C69D9CEAD562E27A19917DC44101E40F7B60DC0F32AEE662D8B28CAF',NULL,NULL,NULL,'[]',2,X'2F915887F18B6B99CE2B282258A89F5187E28588D0E67DD14F44F12ACDCDA1AB');
INSERT INTO "captures" VALUES(7,'faa11cb50b0107ab',NULL,'2026-07-01T01:00:00Z','2026-07-01T01:00:00Z','crawl','erased','https://thu-nghiem.example/bai-3.html',NULL,200,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',X'CECC1055291083F2677906EA7D90B505E611469646D6BC639ED4E303F3CBFD67',9248,NULL,NULL,NULL,NULL,'[]',NULL,X'0FB5791BF56C44B69692530DCA64CD06ACA50DEBC0332F2CC4B9CF609E33564C');
INSERT INTO "captures" VALUES(8,'faa11cb50b0107ab',NULL,'2026-07-02T01:00:00Z','2026-07-02T01:00:00Z','crawl','erased','https://thu-nghiem.example/bai-3.html',NULL,200,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',X'6BF29FA21E3E671744E586173D219A3CB09D92C768A6F7577A4834821CC38941',9248,NULL,NULL,NULL,NULL,'[]',NULL,X'29F65350B1D16CD7EFF966F09A43AD89DB702ACA41B73101ABABAAFA756E4969');
INSERT INTO "captures" VALUES(9,'880b75cd00684a91',NULL,'2026-07-03T01:00:00Z','2026-07-03T01:00:00Z','crawl','http-error','https://thu-nghiem.example/bai-0.html',NULL,404,'[["Content-Type","text/html; charset=utf-8"],["Server","th\u1eed"]]',NULL,0,NULL,NULL,NULL,NULL,'[]',NULL,X'553AD0CCDF29B1C980E28FBA82211FB913FD11969B083D021F2711F3327A6D76');
CREATE TABLE crawls (
      id INTEGER PRIMARY KEY,
      run TEXT NOT NULL,
      portal TEXT NOT NULL REFERENCES portals,
      started_at TEXT NOT NULL CHECK (started_at IS strftime('%Y-%m-%dT%H:%M:%SZ', started_at, '+0 days')),
      finished_at TEXT CHECK (finished_at IS strftime('%Y-%m-%dT%H:%M:%SZ', finished_at, '+0 days')),
      cause TEXT NOT NULL DEFAULT 'running' CHECK (cause IN ('running', 'ok', 'partial', 'dns', 'tls', 'refused', 'timeout', 'blocked', 'challenge', 'robots', 'gone', 'redirected', 'layout-changed', 'empty', 'error', 'killed', 'stopped')),
      message TEXT,
      vantage TEXT,
      code_version TEXT NOT NULL,
      full INTEGER NOT NULL DEFAULT 0 CHECK (full IN (0, 1)),
      requests INTEGER NOT NULL DEFAULT 0,
      listed INTEGER NOT NULL DEFAULT 0,
      new INTEGER NOT NULL DEFAULT 0,
      changed INTEGER NOT NULL DEFAULT 0,
      unchanged INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0,
      null_rates TEXT CHECK (null_rates IS NULL OR json_valid(null_rates)),
      stats TEXT CHECK (stats IS NULL OR json_valid(stats)),
      UNIQUE (run, portal)
    ) STRICT
    ;
INSERT INTO "crawls" VALUES(1,'r','thu_nghiem','2026-07-01T00:00:00Z','2026-07-01T00:09:00Z','ok',NULL,NULL,'0',0,0,0,0,0,0,0,NULL,NULL);
CREATE TABLE dictionaries (
      id INTEGER PRIMARY KEY,
      portal TEXT NOT NULL REFERENCES portals,
      made_at TEXT NOT NULL CHECK (made_at IS strftime('%Y-%m-%dT%H:%M:%SZ', made_at, '+0 days')),
      sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
      raw_size INTEGER NOT NULL,
      data BLOB NOT NULL
    ) STRICT
    ;
INSERT INTO "dictionaries" VALUES(1,'thu_nghiem','2026-07-31T01:00:00Z',X'D19700E4A10211DE9664F802B0F560503852DDBCC523C8AFCC97493A4F25CD94',8650,X'28B52FFD64CA20D5140036E6662B804BD2013358800A80A765C486C7488044131A51F3BE8D91B4455604C164F84B29A59452266C85A634192E6E004B004B00BBABAA998988776766FFFF773733EFAEAA662622DE9D99FDA7549CF4409C544DC40293B134978B0D82E7514EA4C1127081221A2611E73170002D4C1A487A1E15608122CA63808101528934944A7A2A0DE989902418384E7AA04A4489D2238140E9A958A24903294444910409400A6A66FA5F4B4B4BBB9B99775755331311EFCECCFE575656763733EFAEAA662622DE9D99FD2F2C2CEC6E66DE5D55CD4C44BC3B33FB5F5757D7DDCCBCBBAA9A9988787766F6BFACACACBB99399A959558587875755656F67ABDAAEADDCDCCBBABAA998988776766FFABABABBB9B99775755331311EFCECCFE737171717733F3EEAA6A6622E2DD99D9FFADADADED6E66DE5D55CD4C44BCBB4FC5124D1C2739090393899A8B04264399E0682E94486363123508170A4C86E05980A2848483F438A91A010B04D14415984C4647C1C3F000511C1C2892A4A0909CF47CE2F4FBCDE7F37EBF7ABDE6F389C7E3FD7E76BBFDFFEBF5FABBBA9A8B8BB7B6564B2B8173A811C036497994246D06812B4892C27232100410088284E00EA30021F018D3BEFE068FA1CA3F94CF50F6D36FF85395413121B46D28600205D80393CF1F06B57D7087353D2E5FD3D3F1357B1CC9AB2D707C9B1EA7AFE971F99A9E8EAF496C26E50C455505C595732E6079AB1A9388E2C4F2003F3825090540B05254DE5F07F8C1294928008295A2F2FE3AC00F4E49420110F2B7BC9DD7F2003F3825090540B052145098E624FD71344279552B9AA8FEF43F0A51BCA6958A60387139C42F56AB4A4330BA350D74BCB359FB1C8D505ED58ADC248DA4FE47FD8B0A356E7F41F4638FEE2BC03EF7D87E41E89799466A5115D334A73C3E94E90B134D03E8A7E637');
CREATE TABLE media (
      sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      content_type TEXT,
      first_fetched_at TEXT NOT NULL CHECK (first_fetched_at IS strftime('%Y-%m-%dT%H:%M:%SZ', first_fetched_at, '+0 days'))
    ) STRICT
    ;
INSERT INTO "media" VALUES(X'00D5228C923A31C458518926AE2F123193A2925BF0FE66EC0DCD719302C05060',15,NULL,'2026-07-31T01:00:00Z');
CREATE TABLE media_links (
      article_id TEXT NOT NULL REFERENCES urls,
      url TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('attachment', 'image')),
      sha256 BLOB REFERENCES media,
      tried_at TEXT CHECK (tried_at IS strftime('%Y-%m-%dT%H:%M:%SZ', tried_at, '+0 days')),
      status INTEGER,
      flags TEXT NOT NULL DEFAULT '[]' CHECK (flags IS NULL OR json_valid(flags)),
      PRIMARY KEY (article_id, url)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "media_links" VALUES('7e2c927785a7662f','https://thu-nghiem.example/a.pdf','attachment',X'00D5228C923A31C458518926AE2F123193A2925BF0FE66EC0DCD719302C05060','2026-07-31T01:00:00Z',200,'[]');
CREATE TABLE portals (
      id TEXT PRIMARY KEY CHECK (id = lower(id) AND id NOT GLOB '*[^a-z0-9_-]*' AND length(id) > 0),
      name TEXT NOT NULL,
      level TEXT,
      family TEXT,
      base_url TEXT CHECK (base_url GLOB 'http*://*'),
      platform TEXT,
      province TEXT,
      province_id TEXT REFERENCES provinces,
      valid_from TEXT CHECK (valid_from IS date(valid_from, '+0 days') AND valid_from BETWEEN '1900-01-01' AND '2100-01-01'),
      valid_to TEXT CHECK (valid_to IS date(valid_to, '+0 days') AND valid_to BETWEEN '1900-01-01' AND '2100-01-01'),
      successor TEXT REFERENCES portals DEFERRABLE INITIALLY DEFERRED,
      crawl INTEGER NOT NULL DEFAULT 1 CHECK (crawl IN (0, 1)),
      quiet_days INTEGER NOT NULL DEFAULT 30 CHECK (quiet_days > 0),
      media TEXT NOT NULL DEFAULT 'none' CHECK (media IN ('none', 'attachments', 'all')),
      verified TEXT CHECK (verified IS date(verified, '+0 days') AND verified BETWEEN '1900-01-01' AND '2100-01-01'),
      evidence TEXT,
      more TEXT NOT NULL DEFAULT '{}' CHECK (more IS NULL OR json_valid(more)),
      registered INTEGER NOT NULL DEFAULT 1 CHECK (registered IN (0, 1)),
      CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from)
    ) STRICT
    ;
INSERT INTO "portals" VALUES('thu_nghiem','thu_nghiem',NULL,NULL,'https://thu_nghiem.example',NULL,'Thử','thu_2024',NULL,'2025-06-30',NULL,1,30,'none',NULL,NULL,'{}',1);
CREATE TABLE provinces (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      name_en TEXT,
      folded TEXT NOT NULL,
      sort_key TEXT NOT NULL,
      kind TEXT,
      code TEXT CHECK (code GLOB '[0-9][0-9]'),
      vintage INTEGER CHECK (vintage BETWEEN 1997 AND 2100),
      domain TEXT,
      valid_from TEXT CHECK (valid_from IS date(valid_from, '+0 days') AND valid_from BETWEEN '1900-01-01' AND '2100-01-01'),
      valid_to TEXT CHECK (valid_to IS date(valid_to, '+0 days') AND valid_to BETWEEN '1900-01-01' AND '2100-01-01'),
      becomes TEXT REFERENCES provinces DEFERRABLE INITIALLY DEFERRED,
      aliases TEXT NOT NULL DEFAULT '[]' CHECK (aliases IS NULL OR json_valid(aliases)),
      note TEXT,
      CHECK (code IS NULL OR vintage IS NOT NULL),
      UNIQUE (code, vintage)
    ) STRICT
    ;
INSERT INTO "provinces" VALUES('thu_2024','Thử',NULL,'thu','thu',NULL,'49',2024,NULL,NULL,'2025-06-30',NULL,'[]',NULL);
CREATE TABLE recleanings (
      id INTEGER PRIMARY KEY,
      article_id TEXT NOT NULL,
      n INTEGER NOT NULL,
      at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
      old_cleaner TEXT,
      new_cleaner TEXT NOT NULL,
      old_content_hash BLOB CHECK (length(old_content_hash) = 32),
      new_content_hash BLOB NOT NULL CHECK (length(new_content_hash) = 32),
      FOREIGN KEY (article_id, n) REFERENCES versions
    ) STRICT
    ;
INSERT INTO "recleanings" VALUES(1,'58a2a6df2f4d1a26',1,'2026-07-31T01:00:00Z','old','new',X'76F42F5FD27E0AEF0694AFDFA3984B296BA1DF6E9C8D08986275E2126EF86120',X'E634C2D698434E6385C054D2B67CDF122B101DDBAD54B59C66B128944235CC7A');
INSERT INTO "recleanings" VALUES(2,'58a2a6df2f4d1a26',2,'2026-07-31T01:00:00Z','old','new',X'950C7B6619BA02789CE96EFCB85F406DEF2B8641155D0E9DC0790F15CC4141F8',X'E634C2D698434E6385C054D2B67CDF122B101DDBAD54B59C66B128944235CC7A');
INSERT INTO "recleanings" VALUES(3,'7e2c927785a7662f',1,'2026-07-31T01:00:00Z','old','new',X'4B49874858729ACE964EE0D831EE5096C281FCF2A71FB17940E4233962C31667',X'91DC585B9B6A69F3D4C6E04D6DA23B0C66411015958BEC2D64F79FF4D73A1D89');
INSERT INTO "recleanings" VALUES(4,'7e2c927785a7662f',2,'2026-07-31T01:00:00Z','old','new',X'5DDDAB0D2EE7DA051532113CD17AAE11044E52D3E929492710B0A204177257DB',X'91DC585B9B6A69F3D4C6E04D6DA23B0C66411015958BEC2D64F79FF4D73A1D89');
INSERT INTO "recleanings" VALUES(5,'880b75cd00684a91',1,'2026-07-31T01:00:00Z','old','new',X'C1262A367D6581D838C62D95CC342DDCBF35F1AC764BF45041852004B856473D',X'297843C11139AFF21030348CFF2258E42CF17EFB5E73354090885673C21C94A3');
INSERT INTO "recleanings" VALUES(6,'880b75cd00684a91',2,'2026-07-31T01:00:00Z','old','new',X'DF7D75ABF4ADED81676BAE2F469AC9283068F5D0B01CD1312EE1EF2781C66D7D',X'297843C11139AFF21030348CFF2258E42CF17EFB5E73354090885673C21C94A3');
INSERT INTO "recleanings" VALUES(7,'faa11cb50b0107ab',1,'2026-07-31T01:00:00Z','old','new',NULL,X'0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "recleanings" VALUES(8,'faa11cb50b0107ab',2,'2026-07-31T01:00:00Z','old','new',NULL,X'0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE site_counters (
      portal TEXT NOT NULL REFERENCES portals,
      capture_id INTEGER NOT NULL REFERENCES captures,
      at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
      online INTEGER CHECK (online >= 0),
      today INTEGER CHECK (today >= 0),
      yesterday INTEGER CHECK (yesterday >= 0),
      week INTEGER CHECK (week >= 0),
      month INTEGER CHECK (month >= 0),
      year INTEGER CHECK (year >= 0),
      total INTEGER CHECK (total >= 0),
      PRIMARY KEY (portal, at, capture_id)
    ) STRICT, WITHOUT ROWID
    ;
CREATE TABLE surroundings (
      portal TEXT NOT NULL REFERENCES portals,
      hash BLOB NOT NULL CHECK (length(hash) = 32),
      label TEXT NOT NULL,
      rule TEXT NOT NULL,
      text TEXT NOT NULL,
      first_seen TEXT NOT NULL CHECK (first_seen IS strftime('%Y-%m-%dT%H:%M:%SZ', first_seen, '+0 days')),
      PRIMARY KEY (portal, hash)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "surroundings" VALUES('thu_nghiem',X'0E2A0679C6E4BF57A6F49224B91DD8FC2D130FB23D71A999DB5966665C3C393F','footer','f','Cổng','2026-07-01T01:00:00Z');
CREATE TABLE swept (
      portal TEXT NOT NULL REFERENCES portals,
      month TEXT NOT NULL CHECK (month GLOB '[12][0-9][0-9][0-9]-[01][0-9]'),
      at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
      PRIMARY KEY (portal, month)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "swept" VALUES('thu_nghiem','2026-06','2026-07-01T00:00:00Z');
CREATE TABLE takedowns (
      article_id TEXT PRIMARY KEY REFERENCES urls,
      at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
      reason TEXT NOT NULL CHECK (length(reason) > 0),
      by_whom TEXT,
      erased_at TEXT CHECK (erased_at IS strftime('%Y-%m-%dT%H:%M:%SZ', erased_at, '+0 days')),
      bodies INTEGER NOT NULL DEFAULT 0
    ) STRICT
    ;
INSERT INTO "takedowns" VALUES('58a2a6df2f4d1a26','2026-07-31T01:00:00Z','nhầm người',NULL,NULL,0);
INSERT INTO "takedowns" VALUES('faa11cb50b0107ab','2026-07-31T01:00:00Z','yêu cầu','luật sư','2026-07-31T01:00:00Z',2);
CREATE TABLE url_aliases (
      seen_as TEXT NOT NULL,
      portal TEXT NOT NULL REFERENCES portals,
      url_id TEXT NOT NULL REFERENCES urls,
      PRIMARY KEY (seen_as, portal)
    ) STRICT, WITHOUT ROWID
    ;
CREATE TABLE urls (
      id TEXT PRIMARY KEY CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*'),
      portal TEXT NOT NULL REFERENCES portals,
      key TEXT NOT NULL CHECK (length(key) > 0),
      kind TEXT NOT NULL DEFAULT 'article' CHECK (kind IN ('article', 'listing')),
      canonical TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'suspect', 'gone', 'moved', 'taken_down')),
      first_seen TEXT NOT NULL CHECK (first_seen IS strftime('%Y-%m-%dT%H:%M:%SZ', first_seen, '+0 days')),
      listed_title TEXT,
      listed_published TEXT,
      etag TEXT,
      last_modified TEXT,
      last_checked TEXT CHECK (last_checked IS strftime('%Y-%m-%dT%H:%M:%SZ', last_checked, '+0 days')),
      last_ok TEXT CHECK (last_ok IS strftime('%Y-%m-%dT%H:%M:%SZ', last_ok, '+0 days')),
      last_changed TEXT CHECK (last_changed IS strftime('%Y-%m-%dT%H:%M:%SZ', last_changed, '+0 days')),
      next_check TEXT CHECK (next_check IS strftime('%Y-%m-%dT%H:%M:%SZ', next_check, '+0 days')),
      interval INTEGER CHECK (interval > 0),
      miss_streak INTEGER NOT NULL DEFAULT 0 CHECK (miss_streak >= 0),
      miss_cause TEXT,
      first_miss TEXT CHECK (first_miss IS strftime('%Y-%m-%dT%H:%M:%SZ', first_miss, '+0 days')),
      gone_since TEXT CHECK (gone_since IS strftime('%Y-%m-%dT%H:%M:%SZ', gone_since, '+0 days')),
      moved_to TEXT REFERENCES urls DEFERRABLE INITIALLY DEFERRED,
      version INTEGER CHECK (version >= 1),
      settled_by TEXT,
      UNIQUE (portal, key)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "urls" VALUES('58a2a6df2f4d1a26','thu_nghiem','bai-2','article','https://thu-nghiem.example/bai-2.html','taken_down','2026-07-01T01:00:00Z',NULL,NULL,NULL,NULL,NULL,'2026-07-02T01:00:00Z','2026-07-02T01:00:00Z',NULL,NULL,0,NULL,NULL,NULL,NULL,2,'new');
INSERT INTO "urls" VALUES('7e2c927785a7662f','thu_nghiem','bai-1','article','https://thu-nghiem.example/bai-1.html','live','2026-07-01T01:00:00Z',NULL,NULL,NULL,NULL,NULL,'2026-07-02T01:00:00Z','2026-07-02T01:00:00Z',NULL,NULL,0,NULL,NULL,NULL,NULL,2,'new');
INSERT INTO "urls" VALUES('880b75cd00684a91','thu_nghiem','bai-0','article','https://thu-nghiem.example/bai-0.html','live','2026-07-01T01:00:00Z',NULL,NULL,NULL,NULL,NULL,'2026-07-02T01:00:00Z','2026-07-02T01:00:00Z',NULL,NULL,0,NULL,NULL,NULL,NULL,2,'new');
INSERT INTO "urls" VALUES('faa11cb50b0107ab','thu_nghiem','bai-3','article','https://thu-nghiem.example/bai-3.html','taken_down','2026-07-01T01:00:00Z',NULL,NULL,NULL,NULL,NULL,'2026-07-02T01:00:00Z','2026-07-02T01:00:00Z',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'new');
CREATE TABLE versions (
      article_id TEXT NOT NULL REFERENCES urls,
      n INTEGER NOT NULL CHECK (n >= 1),
      capture_id INTEGER NOT NULL UNIQUE REFERENCES captures,
      repeats INTEGER,
      cleaner TEXT NOT NULL,
      content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
      record_hash BLOB NOT NULL CHECK (length(record_hash) = 32),
      text_hash BLOB CHECK (length(text_hash) = 32),
      title TEXT,
      author TEXT,
      category TEXT,
      language TEXT,
      date TEXT CHECK (date IS date(date, '+0 days') AND date BETWEEN '1900-01-01' AND '2100-01-01'),
      date_basis TEXT CHECK (date_basis IN ('published', 'published-month', 'event', 'fetched')),
      published TEXT CHECK (published IS NULL OR (length(published) IN (7, 10, 25) AND substr(published || '-01', 1, 10) IS date(substr(published || '-01', 1, 10), '+0 days') AND published BETWEEN '1990' AND '2100')),
      published_precision TEXT CHECK (published_precision IN ('minute', 'day', 'month')),
      published_source TEXT,
      published_raw TEXT,
      event_date TEXT CHECK (event_date IS NULL OR (length(event_date) IN (7, 10, 25) AND substr(event_date || '-01', 1, 10) IS date(substr(event_date || '-01', 1, 10), '+0 days') AND event_date BETWEEN '1990' AND '2100')),
      layout TEXT,
      chars INTEGER NOT NULL CHECK (chars >= 0),
      flags TEXT NOT NULL DEFAULT '[]' CHECK (flags IS NULL OR json_valid(flags)),
      record TEXT NOT NULL CHECK (record IS NULL OR json_valid(record)),
      erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
      PRIMARY KEY (article_id, n)
    ) STRICT
    ;
INSERT INTO "versions" VALUES('880b75cd00684a91',1,1,NULL,'new',X'297843C11139AFF21030348CFF2258E42CF17EFB5E73354090885673C21C94A3',X'2ECCB94C0C528FE6E35CDEE843971DC1BF9731B33E4BECEA2AA5D857D495CCFE',X'AA4801B2A407EBD5A833A592FC099EA4F69835073A74445BC92B5D9D1C5779C2','Tin 0',NULL,NULL,'vi','2026-07-01','fetched',NULL,NULL,NULL,NULL,NULL,'test',426,'[]','{"url":"https://thu-nghiem.example/bai-0.html","title":"Tin 0","lead":null,"body":["Đoạn 0: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 1: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 2: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 3: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 4: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 5: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi."],"captions":[],"tables":[],"author":null,"source":null,"category":null,"published":null,"event_date":null,"date":"2026-07-01","date_basis":"fetched","views":0,"site_counters":null,"attachments":[],"images":[],"language":"vi","encoding":"utf-8","layout":"test","flags":[],"removed":[{"text":"Chia sẻ: 4","label":"other","rule":"dropped"}],"order":["paragraph","paragraph","paragraph","paragraph","paragraph","paragraph","other"]}',0);
INSERT INTO "versions" VALUES('880b75cd00684a91',2,2,1,'new',X'297843C11139AFF21030348CFF2258E42CF17EFB5E73354090885673C21C94A3',X'C450FC1BED4D4D85C254D258F3333CE4AEBFB329E84E8EAEF9139685FD5CC5B8',X'AA4801B2A407EBD5A833A592FC099EA4F69835073A74445BC92B5D9D1C5779C2','Tin 0',NULL,NULL,'vi','2026-07-02','fetched',NULL,NULL,NULL,NULL,NULL,'test',426,'[]','{"url":"https://thu-nghiem.example/bai-0.html","title":"Tin 0","lead":null,"body":["Đoạn 0: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 1: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 2: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 3: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 4: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 5: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi."],"captions":[],"tables":[],"author":null,"source":null,"category":null,"published":null,"event_date":null,"date":"2026-07-02","date_basis":"fetched","views":9,"site_counters":null,"attachments":[],"images":[],"language":"vi","encoding":"utf-8","layout":"test","flags":[],"removed":[{"text":"Chia sẻ: 9","label":"other","rule":"dropped"}],"order":["paragraph","paragraph","paragraph","paragraph","paragraph","paragraph","other"]}',0);
INSERT INTO "versions" VALUES('7e2c927785a7662f',1,3,NULL,'new',X'91DC585B9B6A69F3D4C6E04D6DA23B0C66411015958BEC2D64F79FF4D73A1D89',X'51EFBEAB4BBAC5B3A10D562284EE9CD3B57AB1A21F26E1C4A89476FBCDDFC812',X'AA4801B2A407EBD5A833A592FC099EA4F69835073A74445BC92B5D9D1C5779C2','Tin 1',NULL,NULL,'vi','2026-07-01','fetched',NULL,NULL,NULL,NULL,NULL,'test',426,'[]','{"url":"https://thu-nghiem.example/bai-1.html","title":"Tin 1","lead":null,"body":["Đoạn 0: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 1: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 2: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 3: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 4: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 5: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi."],"captions":[],"tables":[],"author":null,"source":null,"category":null,"published":null,"event_date":null,"date":"2026-07-01","date_basis":"fetched","views":1,"site_counters":null,"attachments":[],"images":[],"language":"vi","encoding":"utf-8","layout":"test","flags":[],"removed":[{"text":"Chia sẻ: 4","label":"other","rule":"dropped"}],"order":["paragraph","paragraph","paragraph","paragraph","paragraph","paragraph","other"]}',0);
INSERT INTO "versions" VALUES('7e2c927785a7662f',2,4,1,'new',X'91DC585B9B6A69F3D4C6E04D6DA23B0C66411015958BEC2D64F79FF4D73A1D89',X'F1279F678D3D071973243A586E95ACD78D956AF29E36072895606678751C78F2',X'AA4801B2A407EBD5A833A592FC099EA4F69835073A74445BC92B5D9D1C5779C2','Tin 1',NULL,NULL,'vi','2026-07-02','fetched',NULL,NULL,NULL,NULL,NULL,'test',426,'[]','{"url":"https://thu-nghiem.example/bai-1.html","title":"Tin 1","lead":null,"body":["Đoạn 0: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 1: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 2: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 3: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 4: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 5: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi."],"captions":[],"tables":[],"author":null,"source":null,"category":null,"published":null,"event_date":null,"date":"2026-07-02","date_basis":"fetched","views":9,"site_counters":null,"attachments":[],"images":[],"language":"vi","encoding":"utf-8","layout":"test","flags":[],"removed":[{"text":"Chia sẻ: 9","label":"other","rule":"dropped"}],"order":["paragraph","paragraph","paragraph","paragraph","paragraph","paragraph","other"]}',0);
INSERT INTO "versions" VALUES('58a2a6df2f4d1a26',1,5,NULL,'new',X'E634C2D698434E6385C054D2B67CDF122B101DDBAD54B59C66B128944235CC7A',X'64C6F40A9E7AF9CD76FFEB8409B9D8AB48EAD3DFC6932287C7A4065D5E40DE01',X'AA4801B2A407EBD5A833A592FC099EA4F69835073A74445BC92B5D9D1C5779C2','Tin 2',NULL,NULL,'vi','2026-07-01','fetched',NULL,NULL,NULL,NULL,NULL,'test',426,'[]','{"url":"https://thu-nghiem.example/bai-2.html","title":"Tin 2","lead":null,"body":["Đoạn 0: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 1: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 2: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 3: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 4: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 5: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi."],"captions":[],"tables":[],"author":null,"source":null,"category":null,"published":null,"event_date":null,"date":"2026-07-01","date_basis":"fetched","views":2,"site_counters":null,"attachments":[],"images":[],"language":"vi","encoding":"utf-8","layout":"test","flags":[],"removed":[{"text":"Chia sẻ: 4","label":"other","rule":"dropped"}],"order":["paragraph","paragraph","paragraph","paragraph","paragraph","paragraph","other"]}',0);
INSERT INTO "versions" VALUES('58a2a6df2f4d1a26',2,6,1,'new',X'E634C2D698434E6385C054D2B67CDF122B101DDBAD54B59C66B128944235CC7A',X'888B6D531D9EBE09C1FC07FE00B7D5F304FD50128C10E149AB89286757FE9C89',X'AA4801B2A407EBD5A833A592FC099EA4F69835073A74445BC92B5D9D1C5779C2','Tin 2',NULL,NULL,'vi','2026-07-02','fetched',NULL,NULL,NULL,NULL,NULL,'test',426,'[]','{"url":"https://thu-nghiem.example/bai-2.html","title":"Tin 2","lead":null,"body":["Đoạn 0: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 1: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 2: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 3: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 4: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi.","Đoạn 5: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi."],"captions":[],"tables":[],"author":null,"source":null,"category":null,"published":null,"event_date":null,"date":"2026-07-02","date_basis":"fetched","views":9,"site_counters":null,"attachments":[],"images":[],"language":"vi","encoding":"utf-8","layout":"test","flags":[],"removed":[{"text":"Chia sẻ: 9","label":"other","rule":"dropped"}],"order":["paragraph","paragraph","paragraph","paragraph","paragraph","paragraph","other"]}',0);
INSERT INTO "versions" VALUES('faa11cb50b0107ab',1,7,NULL,'new',X'0000000000000000000000000000000000000000000000000000000000000000',X'44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'[]','{}',1);
INSERT INTO "versions" VALUES('faa11cb50b0107ab',2,8,1,'new',X'0000000000000000000000000000000000000000000000000000000000000000',X'44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'[]','{}',1);
CREATE TABLE view_counts (
      article_id TEXT NOT NULL REFERENCES urls,
      capture_id INTEGER NOT NULL REFERENCES captures,
      at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at, '+0 days')),
      views INTEGER NOT NULL CHECK (views >= 0),
      PRIMARY KEY (article_id, capture_id)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "view_counts" VALUES('58a2a6df2f4d1a26',5,'2026-07-01T01:00:00Z',2);
INSERT INTO "view_counts" VALUES('58a2a6df2f4d1a26',6,'2026-07-02T01:00:00Z',9);
INSERT INTO "view_counts" VALUES('7e2c927785a7662f',3,'2026-07-01T01:00:00Z',1);
INSERT INTO "view_counts" VALUES('7e2c927785a7662f',4,'2026-07-02T01:00:00Z',9);
INSERT INTO "view_counts" VALUES('880b75cd00684a91',1,'2026-07-01T01:00:00Z',0);
INSERT INTO "view_counts" VALUES('880b75cd00684a91',2,'2026-07-02T01:00:00Z',9);
INSERT INTO "view_counts" VALUES('faa11cb50b0107ab',7,'2026-07-01T01:00:00Z',3);
INSERT INTO "view_counts" VALUES('faa11cb50b0107ab',8,'2026-07-02T01:00:00Z',9);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX crawls_by_portal ON crawls (portal, started_at);
CREATE INDEX urls_due ON urls (portal, next_check) WHERE state IN ('live', 'suspect');
CREATE INDEX urls_by_cleaner ON urls (settled_by) WHERE settled_by IS NOT NULL;
CREATE INDEX urls_by_canonical ON urls (canonical);
CREATE INDEX url_aliases_by_url ON url_aliases (url_id);
CREATE INDEX bodies_by_base ON bodies (base) WHERE base IS NOT NULL;
CREATE INDEX bodies_by_dictionary ON bodies (dictionary_id) WHERE dictionary_id IS NOT NULL;
CREATE INDEX captures_by_article ON captures (article_id, ordered_at, id);
CREATE INDEX captures_by_body ON captures (kept) WHERE kept IS NOT NULL;
CREATE INDEX versions_by_text ON versions (text_hash) WHERE text_hash IS NOT NULL;
CREATE VIEW articles AS
      SELECT u.id, u.portal, u.key, u.canonical AS url, u.state, u.gone_since, u.moved_to, u.first_seen, u.last_ok,
        v.n AS version, v.title, json_extract(v.record, '$.lead') AS lead,
        (SELECT group_concat(value, char(10) || char(10)) FROM json_each(v.record, '$.body')) AS body,
        v.author, v.category, v.language, v.date, v.date_basis, v.published, v.published_precision,
        v.published_source, v.published_raw, v.event_date, v.layout, v.flags, v.text_hash
      FROM urls u JOIN versions v ON v.article_id = u.id AND v.n = u.version
      WHERE u.kind = 'article';
CREATE VIEW view_series AS
      SELECT article_id, capture_id, at, views,
        CASE WHEN views < lag(views) OVER (PARTITION BY article_id ORDER BY at, capture_id) THEN 'falls' END AS doubt
      FROM view_counts;
CREATE VIEW counter_series AS
      SELECT portal, capture_id, at, online, today, yesterday, week, month, year, total,
        CASE
          WHEN total <= 1 AND coalesce(today, total) = total AND coalesce(online, total) = total THEN 'constant'
          WHEN today > total OR week > total OR month > total OR year > total THEN 'part-above-total'
          WHEN today > week OR today > month OR today > year THEN 'day-above-period'
          WHEN total < lag(total) OVER (PARTITION BY portal ORDER BY at, capture_id) THEN 'falls'
        END AS doubt
      FROM site_counters;
CREATE INDEX versions_in_short ON versions (article_id, n, date, record_hash, repeats);
CREATE INDEX captures_in_short ON captures (article_id, id, version, outcome);
CREATE INDEX urls_in_short ON urls (portal, kind, version, first_seen, last_ok, state, last_checked, gone_since);
CREATE TRIGGER bodies_no_replace BEFORE INSERT ON bodies WHEN EXISTS (SELECT 1 FROM bodies WHERE sha256 = NEW.sha256) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER bodies_base_is_first BEFORE INSERT ON bodies WHEN NEW.base IS NOT NULL AND (SELECT base FROM bodies WHERE sha256 = NEW.base) IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a raw page never leans on one that leans on a third'); END;
CREATE TRIGGER dictionaries_no_update BEFORE UPDATE ON dictionaries BEGIN SELECT RAISE(ABORT, 'a dictionary is immutable'); END;
CREATE TRIGGER dictionaries_no_replace BEFORE INSERT ON dictionaries WHEN EXISTS (SELECT 1 FROM dictionaries WHERE sha256 = NEW.sha256) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER captures_no_delete BEFORE DELETE ON captures BEGIN SELECT RAISE(ABORT, 'the log of captures is append-only'); END;
CREATE TRIGGER versions_no_delete BEFORE DELETE ON versions BEGIN SELECT RAISE(ABORT, 'a version is immutable'); END;
CREATE TRIGGER versions_in_sequence BEFORE INSERT ON versions BEGIN SELECT RAISE(ABORT, 'version number gap') WHERE NEW.n <> 1 + (SELECT count(*) FROM versions WHERE article_id = NEW.article_id); SELECT RAISE(ABORT, 'same content as the version before') WHERE NEW.repeats IS NULL AND NEW.content_hash = (SELECT v.content_hash FROM captures new JOIN captures c ON c.article_id = new.article_id AND (c.ordered_at, c.id) < (new.ordered_at, new.id) JOIN versions v ON v.capture_id = c.id WHERE new.id = NEW.capture_id ORDER BY c.ordered_at DESC, c.id DESC LIMIT 1); END;
CREATE TRIGGER versions_need_raw BEFORE INSERT ON versions WHEN NOT EXISTS (SELECT 1 FROM captures WHERE id = NEW.capture_id AND article_id = NEW.article_id AND kept IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'no raw page kept for this version'); END;
CREATE TRIGGER recleanings_no_delete BEFORE DELETE ON recleanings BEGIN SELECT RAISE(ABORT, 'the log of recleanings is append-only'); END;
CREATE TRIGGER view_counts_no_update BEFORE UPDATE ON view_counts BEGIN SELECT RAISE(ABORT, 'a measured count is immutable'); END;
CREATE TRIGGER view_counts_no_delete BEFORE DELETE ON view_counts BEGIN SELECT RAISE(ABORT, 'a measured count is immutable'); END;
CREATE TRIGGER site_counters_no_update BEFORE UPDATE ON site_counters BEGIN SELECT RAISE(ABORT, 'a measured count is immutable'); END;
CREATE TRIGGER site_counters_no_delete BEFORE DELETE ON site_counters BEGIN SELECT RAISE(ABORT, 'a measured count is immutable'); END;
CREATE TRIGGER media_no_update BEFORE UPDATE ON media BEGIN SELECT RAISE(ABORT, 'a media file is immutable'); END;
CREATE TRIGGER takedowns_no_delete BEFORE DELETE ON takedowns BEGIN SELECT RAISE(ABORT, 'a takedown stays on record'); END;
CREATE TRIGGER urls_no_delete BEFORE DELETE ON urls BEGIN SELECT RAISE(ABORT, 'an identifier is for ever'); END;
CREATE TRIGGER urls_no_update BEFORE UPDATE OF id, portal, key, kind, first_seen ON urls BEGIN SELECT RAISE(ABORT, 'an identifier is for ever'); END;
CREATE TRIGGER crawls_no_reopening BEFORE UPDATE ON crawls WHEN OLD.cause <> 'running' BEGIN SELECT RAISE(ABORT, 'this crawl has ended'); END;
CREATE TRIGGER crawls_no_delete BEFORE DELETE ON crawls BEGIN SELECT RAISE(ABORT, 'the log of crawls is append-only'); END;
CREATE TRIGGER bodies_no_delete BEFORE DELETE ON bodies BEGIN SELECT RAISE(ABORT, 'a raw page is immutable'); END;
CREATE TRIGGER bodies_no_update BEFORE UPDATE ON bodies BEGIN SELECT RAISE(ABORT, 'a raw page is immutable'); END;
CREATE TRIGGER captures_no_update BEFORE UPDATE OF id, article_id, crawl_id, fetched_at, ordered_at, origin, url, final_url, status, headers, sha256, bytes, kept, ip, tls_verified, listed_published, facts ON captures BEGIN SELECT RAISE(ABORT, 'the log of captures is append-only'); END;
CREATE TRIGGER versions_no_update BEFORE UPDATE ON versions WHEN NEW.article_id IS NOT OLD.article_id OR NEW.n IS NOT OLD.n OR NEW.capture_id IS NOT OLD.capture_id OR NEW.erased IS NOT OLD.erased OR (NEW.cleaner IS OLD.cleaner AND (NEW.record IS NOT OLD.record OR NEW.content_hash IS NOT OLD.content_hash OR NEW.record_hash IS NOT OLD.record_hash)) BEGIN SELECT RAISE(ABORT, 'a version changes only by another cleaner'); END;
CREATE TRIGGER recleanings_no_update BEFORE UPDATE ON recleanings BEGIN SELECT RAISE(ABORT, 'the log of recleanings is append-only'); END;
CREATE TRIGGER media_no_delete BEFORE DELETE ON media BEGIN SELECT RAISE(ABORT, 'a media file is immutable'); END;
CREATE TRIGGER dictionaries_no_delete BEFORE DELETE ON dictionaries BEGIN SELECT RAISE(ABORT, 'a dictionary is immutable'); END;
COMMIT;
