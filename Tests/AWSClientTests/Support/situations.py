"""Configurations as people have them: name, profile given in code, environment, files below the home folder."""


def situations(server):
    config, creds = ".aws/config", ".aws/credentials"
    env = {"AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": "envsecret"}
    shared = "[default]\naws_access_key_id = FILEDEF\naws_secret_access_key = s1\n" \
             "[other]\naws_access_key_id=FILEOTHER\naws_secret_access_key=s2\naws_session_token=t2\n"
    conf = "[default]\naws_access_key_id = CONFDEF\naws_secret_access_key = c1\nregion = us-east-1\n" \
           "[profile work]\naws_access_key_id : CONFWORK\naws_secret_access_key : c2\n"
    role = "[profile role]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = other\nexternal_id = ext\n" \
           "duration_seconds = 1800\n"
    # A busy machine may take longer than the second that is usual.
    imds = {"AWS_METADATA_SERVICE_TIMEOUT": "30", "AWS_EC2_METADATA_DISABLED": None,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": server + "/imds/"}
    process = "#!/bin/sh\nprintf '{\"Version\": %s, \"AccessKeyId\": \"PROC%s\", \"SecretAccessKey\": \"p\"," \
              " \"SessionToken\": \"pt\", \"Expiration\": \"2099-01-01T00:00:00Z\"}' \"$2\" \"$1\"\n"
    run = "sh '@HOME@/with space.sh' "
    return [
        ("environment", None, env, {}),
        ("environment with token", None, {**env, "AWS_SESSION_TOKEN": "tok"}, {}),
        ("older name of the token", None, {**env, "AWS_SESSION_TOKEN": "tok", "AWS_SECURITY_TOKEN": "old"}, {}),
        ("environment before files", None, env, {creds: shared, config: conf}),
        ("environment before AWS_PROFILE", None, {**env, "AWS_PROFILE": "other"}, {creds: shared}),
        ("profile in code before environment", "other", env, {creds: shared}),
        ("half an environment", None, {"AWS_ACCESS_KEY_ID": "ENVKEY"}, {creds: shared}),
        ("empty environment", None, {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, {creds: shared}),
        ("credentials file before configuration", None, {}, {creds: shared, config: conf}),
        ("configuration alone", None, {}, {config: conf}),
        ("AWS_PROFILE", None, {"AWS_PROFILE": "other"}, {creds: shared, config: conf}),
        ("AWS_DEFAULT_PROFILE goes first", None, {"AWS_PROFILE": "other", "AWS_DEFAULT_PROFILE": "work"},
         {creds: shared, config: conf}),
        ("profile of the configuration", "work", {}, {config: conf}),
        ("missing profile", "nobody", {}, {config: conf, creds: shared}),
        ("missing AWS_PROFILE despite environment", None, {**env, "AWS_PROFILE": "nobody"}, {creds: shared}),
        ("section without the word profile", "work", {}, {config: "[work]\naws_access_key_id=K\n"}),
        ("quoted profile", "my work", {},
         {config: "[profile \"my work\"]\naws_access_key_id = QUOTED\naws_secret_access_key = q\n"}),
        ("files elsewhere", None,
         {"AWS_CONFIG_FILE": "@HOME@/c", "AWS_SHARED_CREDENTIALS_FILE": "$HOME/k", "AWS_PROFILE": "other"},
         {"c": conf, "k": shared, creds: "[other]\naws_access_key_id=WRONG\naws_secret_access_key=w\n"}),
        ("half a profile", None, {}, {creds: "[default]\naws_access_key_id = HALF\n"}),
        ("comments and nested settings", None, {},
         {config: "# a\n[default]\n; b\ns3 =\n  max = 1\n\n  min = 2\naws_access_key_id = NEST\n"
                  "aws_secret_access_key = n=1:2#3\n"}),
        ("a key twice", None, {}, {creds: "[default]\naws_access_key_id = A\naws_access_key_id = B\n"}),
        ("a section twice", None, {}, {creds: shared + "[default]\nx = 1\n"}),
        ("no section", None, {}, {creds: "aws_access_key_id = A\n"}),
        ("upper case keys and carriage returns", None, {},
         {creds: "[default]\r\nAWS_ACCESS_KEY_ID = UPPER\r\nAWS_Secret_Access_Key = u\r\n"}),
        ("role with source profile", "role", {}, {config: role, creds: shared}),
        ("role by AWS_PROFILE", None, {"AWS_PROFILE": "role"}, {config: role, creds: shared}),
        ("role before its own profile's keys", "role", {},
         {config: role + "aws_access_key_id = X\naws_secret_access_key = y\n", creds: shared}),
        ("role that is its own source", "self", {},
         {config: "[profile self]\nrole_arn = arn:aws:iam::1:role/self\nsource_profile = self\n"
                  "aws_access_key_id = SELF\naws_secret_access_key = y\n"}),
        ("role in the credentials file", "r", {},
         {creds: shared + "[r]\nrole_arn = arn:aws:iam::1:role/infile\nsource_profile = default\n"}),
        ("chain of roles", "top", {},
         {config: role + "[profile top]\nrole_arn = arn:aws:iam::1:role/top\nsource_profile = role\n", creds: shared}),
        ("roles in a circle", "a", {},
         {config: "[profile a]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n"
                  "[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = a\n"}),
        ("role without source", "role", {}, {config: "[profile role]\nrole_arn = arn:aws:iam::1:role/x\n"}),
        ("role with both sources", "role", {}, {config: role + "credential_source = Environment\n", creds: shared}),
        ("role from the environment", "role", env,
         {config: "[profile role]\nrole_arn = arn:aws:iam::1:role/e\ncredential_source = Environment\n"}),
        ("role from the instance", "role", imds,
         {config: "[profile role]\nrole_arn = arn:aws:iam::1:role/i\ncredential_source = Ec2InstanceMetadata\n"}),
        ("role from nowhere known", "role", {},
         {config: "[profile role]\nrole_arn = arn:aws:iam::1:role/i\ncredential_source = Elsewhere\n"}),
        ("web identity by environment", None,
         {"AWS_WEB_IDENTITY_TOKEN_FILE": "@HOME@/jwt", "AWS_ROLE_ARN": "arn:aws:iam::1:role/web"},
         {"jwt": "the-jwt", creds: shared}),
        ("web identity of a profile", "web", {},
         {"jwt": "the-jwt", config: "[profile web]\nrole_arn = arn:aws:iam::1:role/web\n"
                                    "web_identity_token_file = @HOME@/jwt\n"}),
        ("web identity without role", None, {"AWS_WEB_IDENTITY_TOKEN_FILE": "@HOME@/jwt"}, {"jwt": "the-jwt"}),
        ("web identity as a source", "top", {},
         {"jwt": "the-jwt", config: "[profile web]\nrole_arn = arn:aws:iam::1:role/web\n"
                                    "web_identity_token_file = @HOME@/jwt\n"
                                    "[profile top]\nrole_arn = arn:aws:iam::1:role/top\nsource_profile = web\n"}),
        ("process", None, {}, {config: "[default]\ncredential_process = " + run + "'a b' 1\n",
                               "with space.sh": process}),
        ("process of version 2", None, {}, {config: "[default]\ncredential_process = " + run + "x 2\n",
                                            "with space.sh": process}),
        ("process that fails", None, {}, {config: "[default]\ncredential_process = false\n"}),
        ("keys before the process", None, {},
         {creds: shared, config: "[default]\ncredential_process = " + run + "x 1\n", "with space.sh": process}),
        ("process before the configuration's keys", None, {},
         {config: conf.replace("region = us-east-1", "credential_process = " + run + "x 1"), "with space.sh": process}),
        ("process as a source", "top", {},
         {config: "[profile p]\ncredential_process = " + run + "src 1\n"
                  "[profile top]\nrole_arn = arn:aws:iam::1:role/top\nsource_profile = p\n",
          "with space.sh": process}),
        ("container", None, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server + "/container?x=1"}, {}),
        ("container with token", None, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server + "/container",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "tok"}, {}),
        ("container with token file", None, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server + "/container",
                                             "AWS_CONTAINER_AUTHORIZATION_TOKEN": "tok",
                                             "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "@HOME@/tok"},
         {"tok": "from-file"}),
        ("container with a token of two lines", None, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server + "/container",
                                                       "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\nb"}, {}),
        ("container elsewhere", None, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://203.0.113.1/x"}, {}),
        ("container before instance", None, {**imds, "AWS_CONTAINER_CREDENTIALS_FULL_URI": server + "/container"}, {}),
        ("file before container", None, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server + "/container"}, {creds: shared}),
        ("instance", None, imds, {}),
        ("instance switched off", None, {**imds, "AWS_EC2_METADATA_DISABLED": "TRUE"}, {}),
        ("instance for a profile without keys", "p", imds, {config: "[profile p]\nregion = eu-central-1\n"}),
        ("nothing", None, {}, {}),
    ]
