#!/usr/bin/perl
# assay keys as an administrator uses it: as root, for a service user; three
# commands to the first signed message; owners and modes; keys of OpenDKIM's;
# a record that vanishes; programs that publish.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Cwd qw(abs_path getcwd);
use JSON::PP;
use Assay::Dir qw(ports slurp spawn stop wait_for);
use Assay::Fetched qw(need);
use Assay::Message;
use Assay::Postfix;
use Assay::Sink;
use Assay::SMTP;
use Assay::World qw(mail_text);

need(qw(postfix knotd));
my $top = $ENV{top_srcdir} // '.';
my $program = abs_path($ENV{top_builddir} // '.') . '/assay';
my $cwd = getcwd();
my $user = 'proxy';    # an account of every Debian that owns nothing
my $world = Assay::World->new(sign => [],
    zones => { 'first.example' => '', 'old.example' => '', 'hook.example' => '' });
my $dir = $world->dir;
chmod 0755, $dir->path;
my $home = $dir->dir('home');
chown +(getpwnam $user)[2], -1, $home;
my $keys = "$home/keys";
my %options = (authserv_id => 'mx.test.example', user => $user, log => 'stderr', key_dir => $keys,
    nameservers => ["127.0.0.1\@" . $world->dns->port], check_via => 'resolver', key_wait => 1,
    key_check_interval => 1, key_lifetime => '180d');
my $assayd = Assay::Daemon->new($dir, socket => 'inet', options => \%options);
my $sink = Assay::Sink->new($dir);
my $mta = Assay::Postfix->new($dir, sink => $sink->port, milters => [$assayd->postfix_socket]);

# (standard output and error, exit status)
sub tool {
    my (@arguments) = @_;
    my $out = $dir->path('tool.out');
    unlink $out;
    my $pid = spawn(command => [$program, 'keys', @arguments, '-c', "$assayd->{path}/assay.conf"], log => $out);
    my $status = stop($pid, 0, 60);
    return (slurp($out), $status >> 8);
}

sub json {
    my (@arguments) = @_;
    my ($said, $status) = tool(@arguments, '--json');
    $said =~ s/^assay: .*\n//mg;    # the log goes to standard error here
    my $data = eval { decode_json($said) };
    ok $data, "assay keys @arguments --json is JSON" or diag $said;
    return $data;
}

# The records it prints, into the zone.
sub publish {
    my ($zone) = @_;
    my $data = json('publish', $zone);
    for my $r (@{ $data->{records} }) {
        my ($owner) = $r->{name} =~ /^(.*)\.\Q$zone\E$/ or next;
        $r->{action} eq 'remove' ? $world->dns->unset($zone, $owner, 'TXT')
            : $world->dns->set($zone, $owner, 'TXT', join ' ', map { "\"$_\"" } @{ $r->{strings} });
    }
    return;
}

my $sent = 0;
sub signatures {
    my ($domain) = @_;
    my $c = Assay::SMTP->new($mta->port);
    $c->deliver(from => "a\@$domain", to => 'x@far.example', data => mail_text(from => "a\@$domain"));
    $c->quit;
    my @all = $sink->wait_messages(++$sent, 15);
    return join ' ', sort map { /s=(\w+)/ } Assay::Message->new($all[-1]{data})->values('DKIM-Signature');
}

sub signs { my ($domain, $want) = @_; return wait_for(sub { signatures($domain) =~ $want }, 20) }

subtest 'from nothing to a signed message' => sub {
    my ($said, $status) = tool('init', '--dry-run', 'first.example');
    is $status, 0, 'a dry run';
    like $said, qr/plan:\n  first\.example r\d{6}: generated/, 'shows its plan';
    is_deeply [glob "$keys/*"], [], 'and writes nothing at all';
    json('new', '--dry-run', 'first.example');
    is_deeply [glob "$keys/*"], [], 'nor does that of new';
    for my $command (qw(list check export publish)) {
        ($said, $status) = tool($command, 'frist.example');
        is $status, 1, "$command of a domain without keys fails";
        like $said, qr/frist\.example has no keys/, 'and says why';
    }
    ($said, $status) = tool('init', 'first.example');
    is $status, 0, 'init' or diag $said;
    like $said, qr/^assay: key_step .* by=assay /m, 'its log lines are not the daemon\'s';
    $world->dns->pause;
    is +(tool('check', 'first.example'))[1], 3, 'no answer is no good answer';
    $world->dns->resume;
    like $said, qr/^e\d{6}\._domainkey\.first\.example\. 3600 IN TXT \( "v=DKIM1; k=ed25519/m, 'prints the records';
    is signatures('first.example'), '', 'no key signs before its record is there';
    ($said, $status) = tool('check', 'first.example');
    is $status, 1, 'check says so';
    publish('first.example');
    ok signs('first.example', qr/^e\d{6} r\d{6}$/), 'both sign when it is, without a reload';
    ($said, $status) = tool('check', 'first.example');
    is $status, 0, 'check is content' or diag $said;
    my @active = grep { $_->{state} eq 'active' && $_->{signs} } @{ json('list')->{keys} };
    is scalar @active, 2, 'list shows both as active';
};

subtest 'owner and mode' => sub {
    for my $path ($keys, glob "$keys/* $keys/.time $keys/.lock $keys/*/*") {
        my @st = stat $path;
        is $st[4], (getpwnam $user)[2], "$path is the service user's";
        is $st[2] & 07777, -d _ ? 0700 : 0600, "$path is private";
    }
    is_deeply json('repair')->{done}, [], 'nothing to repair';
    my $stray = $dir->write('home/keys/stray.example', '');
    my ($said, $status) = tool('list');
    is $status, 0, 'a stray file hides no domain' or diag $said;
    unlink $stray;
    my ($pem) = glob "$keys/first.example/r*.pem";
    chown 0, -1, $pem;
    chmod 0640, $pem =~ s/pem$/state/r;
    ($said, $status) = tool('list');
    is $status, 3, 'a state file that others may read is refused';
    like $said, qr/mode 0640/, 'and named';
    ($said, $status) = tool('repair');
    is $status, 0, 'repair' or diag $said;
    is +(stat $pem)[4], (getpwnam $user)[2], 'it is the service user\'s again';
    ($said, $status) = tool('list');
    is $status, 0, 'and taken';
    ok signs('first.example', qr/^e\d{6} r\d{6}$/), 'and signs';
    # The secret of nsupdate, as root makes it.
    my $secret = $dir->write('tsig', "hmac-sha256:x:aaaa\n", 0644);
    $assayd->configure(%options, nsupdate_key => $secret);
    is_deeply [map { s/: .*//r } @{ json('repair')->{done} }], [$secret], 'its secret is mended';
    is sprintf('%04o %d', (stat $secret)[2] & 07777, (stat _)[4]), '0600 ' . (getpwnam $user)[2], 'likewise';
    $assayd->configure(%options);
    symlink '/etc/shadow', "$keys/first.example/x.pem";
    ($said, $status) = tool('repair');
    is $status, 1, 'a link is not followed';
    like $said, qr/x\.pem: a symbolic link, left alone/, 'but named';
    is +(stat '/etc/shadow')[4], 0, 'whatever it points to';
    unlink "$keys/first.example/x.pem";
};

subtest 'keys of OpenDKIM' => sub {
    my $pem = $dir->path('mail.private');
    system "openssl genrsa -traditional -out $pem 2048 2>/dev/null";
    chmod 0600, $pem;    # root's: the service user can't read it
    my ($p) = `openssl rsa -in $pem -pubout 2>/dev/null` =~ /KEY-----\n(.*)\n-----/s;
    $p =~ s/\n//g;
    my $table = $dir->write('key.table', "# name domain:selector:file\nmail old.example:mail:$pem\n");
    $world->dns->set('old.example', 'mail._domainkey', 'TXT', Assay::Knot::txt("v=DKIM1; k=rsa; p=$p"));
    # Named as a newcomer names it, from where it is.
    chdir $dir->path or die "$!";
    my ($said, $status) = tool('import', 'nokey.table');
    is $status, 3, 'a table that is not there';
    like $said, qr/nokey\.table: no such file, and no domain in \Q$keys\E/, 'is no domain either';
    mkdir "$keys/key.table", 0700;
    ($said, $status) = tool('import', 'key.table');
    is $status, 3, 'a file and a domain';
    like $said, qr{key\.table: a file here and a domain in .*; \./key\.table is the file}, 'are told apart by their names';
    rmdir "$keys/key.table";
    ($said, $status) = tool('import', 'key.table');
    chdir $cwd or die "$!";
    is $status, 0, 'import' or diag $said;
    like $said, qr/old\.example mail: rsa2048, active/, 'it starts where it is';
    ($said, $status) = tool('import', $table);
    is $status, 1, 'it is not imported twice';
    like $said, qr/mail is a managed key's already/, 'but told of';
    ok signs('old.example', qr/\bmail\b/), 'and signs';
    ($said) = tool('export', 'old.example');
    like $said, qr{^mail\._domainkey\.old\.example old\.example:mail:$keys/old\.example/mail\.pem$}m, 'export';
    ok $assayd->wait_log(qr/key_step d=old\.example s=e\d{6} .*step=generated/, 10), 'the other line gets its key';
};

subtest 'keys that nobody managed' => sub {
    my ($said, $status) = tool('new', '--dry-run', 'plain.example', 'own');
    ok $status == 0 && !-e "$keys/plain.example", 'a dry run';
    ($said, $status) = tool('new', 'plain.example', 'own');
    is $status, 0, 'new' or diag $said;
    $world->{records}{'plain.example'} = $said;
    $world->publish('plain.example');
    ok signs('plain.example', qr/^owne ownr$/), 'they sign when they are seen';
    ($said, $status) = tool('import', 'plain.example');
    is $status, 0, 'import' or diag $said;
    like $said, qr/plain\.example ownr: rsa2048, active/, 'where they are';
    is signatures('plain.example'), 'owne ownr', 'and sign on';
    my @active = grep { $_->{state} eq 'active' } @{ json('list', 'plain.example')->{keys} };
    is scalar @active, 2, 'managed';
    ($said, $status) = tool('rotate', 'plain.example', 'owne');
    like $said, qr/plain\.example owne: rotate\n.*e\d{6}: generated/s, 'and rotate' or diag $said;
};

subtest 'a record that vanishes' => sub {
    $world->dns->pause;
    sleep 3;
    unlike $assayd->log, qr/d=old\.example .*step=vanished/, 'no answer is no vanishing';
    $world->dns->resume;
    $world->dns->unset('old.example', 'mail._domainkey', 'TXT');
    ok $assayd->wait_log(qr/key_step d=old\.example s=mail .*step=vanished/, 20), 'it is told of';
    my ($mail) = grep { $_->{selector} eq 'mail' } @{ json('list', 'old.example')->{keys} };
    is $mail->{state}, 'VANISHED', 'list, too';
    ok $mail->{signs}, 'the last key signs on';
    publish('old.example');
    ok $assayd->wait_log(qr/s=mail .*step=not_vanished/, 20), 'it is back';
    ok signs('old.example', qr/^e\d{6} mail$/), 'both sign';
    $world->dns->unset('old.example', 'mail._domainkey', 'TXT');
    ok signs('old.example', qr/^e\d{6}$/), 'gone again, it leaves it to the other';
};

subtest 'orders' => sub {
    my ($said, $status) = tool('revoke', 'first.example', 'nosuch', '--yes');
    is $status, 1, 'a key there is not';
    my ($e) = map { $_->{selector} } grep { $_->{type} eq 'ed25519' } @{ json('list', 'first.example')->{keys} };
    ($said, $status) = tool('revoke', 'first.example', $e);
    is $status, 1, 'a signing key is not revoked unasked';
    like $said, qr/say --yes/, 'it says how';
    ($said, $status) = tool('rotate', 'first.example', $e, '--emergency', '--yes');
    is $status, 0, 'an emergency' or diag $said;
    like signatures('first.example'), qr/^$e r/, 'the old key signs until there is another';
    publish('first.example');
    ok signs('first.example', qr/^${e}b r/), 'and the new one as soon as it is there';
    publish('first.example');
    my ($old) = grep { $_->{selector} eq $e } @{ json('check', 'first.example')->{keys} };
    is "$old->{state}, $old->{dns}", 'revoked, empty p=', 'the old one is revoked';
    ($said, $status) = tool('remove', 'first.example', $e);
    is $status, 0, 'remove' or diag $said;
    ok !-e "$keys/first.example/$e.pem", 'its private half is destroyed';
    publish('first.example');
    ok wait_for(sub { !-e "$keys/first.example/$e.state" }, 20), 'and it is buried when its record is gone';
    like slurp("$keys/first.example/tombstones"), qr/^$e [0-9a-f]{64} /m, 'never to be used again';
    my $pem = $dir->path('mail.private');
    ($said, $status) = tool('import', 'first.example', $e, $pem);
    is $status, 1, 'not by an import either';
    like $said, qr/selector $e was another key's/, 'which says so';
    my $data = json('publish');
    ok @{ $data->{records} } > 4, 'the records of all domains';
};

# --- programs that publish --------------------------------------------------------------
sub hook {
    my ($name, $record, %env) = @_;
    my $in = $dir->write('record', encode_json($record));
    my $out = $dir->path('hook.out');
    unlink $out;
    my $pid = spawn(log => $out, env => \%env, code => sub {
        open STDIN, '<', $in or die "$!";
        exec '/usr/bin/python3', "$top/contrib/publish/$name" or die "$!";
    });
    return (stop($pid, 0, 30) >> 8, slurp($out));
}

subtest 'publish_command' => sub {
    my $publisher = $dir->write('home/publisher', "#!/bin/sh\ncat >> $home/said\nread x < $home/answer\n"
        . "echo \"my word: \$x\"\nexit \$x\n", 0755);
    my $answer = $dir->write('home/answer', "2\n");
    # Of this domain alone.
    $assayd->{text} = "domain \"hook.example\" {\n  key_types = { ed25519 }\n  publish_via = command\n"
        . "  publish_command = \"$publisher\"\n}\n";
    $assayd->configure(%options);
    $assayd->reload;
    my ($said, $status) = tool('init', 'hook.example');
    is $status, 0, 'init' or diag $said;
    like $said, qr/key_handed_over d=hook\.example .*result=refused said="my word: 2"/, 'refused';
    my @records = map { decode_json($_) } split /\n/, slurp("$home/said");
    is scalar @records, 1, 'it got the record of the one key this domain wants';
    is $records[0]{value}, join('', @{ $records[0]{strings} }), 'whole and in strings';
    is $records[0]{zone}, 'hook.example', 'and the zone';
    is +(tool('publish', 'hook.example'))[1], 1, 'a publisher that refuses';
    $dir->write('home/answer', "0\n");
    ($said, $status) = tool('publish', 'hook.example');
    is $status, 0, 'publish';
    like $said, qr/hand over key: done/, 'done, when asked again';

    # One that hangs. What a command that is killed leaves undone, the daemon does.
    my $pids = "$home/pids";
    my $good = slurp($publisher);
    $dir->write('home/publisher', "#!/bin/sh\nsleep 600 &\necho \$\$ \$! >> $pids\nwait\n", 0755);
    my $hung = sub { my ($n) = @_; return wait_for(sub { split(' ', slurp($pids)) == $n }, 20) };
    my $gone = sub { my @p = @_; return wait_for(sub { !grep { slurp("/proc/$_/stat") =~ /\) [^Z]/ } @p }, 5) };
    my $command = sub {
        return spawn(log => $dir->path('hung'),
            command => [$program, 'keys', @_, '-c', "$assayd->{path}/assay.conf"]);
    };
    my $pid = $command->('publish', 'hook.example');
    ok $hung->(2), 'a program that hangs';
    is stop($pid, 'TERM', 10), 15, 'a signal ends the command';
    ok $gone->(split ' ', slurp($pids)), 'with the program and its child';
    unlink $pids;
    $pid = $command->('revoke', 'hook.example', $records[0]{selector});
    ok $hung->(2), 'another';
    stop($pid, 'KILL');
    ok $hung->(4), 'the daemon runs it again';
    my @p = split ' ', slurp($pids);
    kill 'KILL', splice @p, 0, 2;
    my $begin = time;
    is $assayd->stop_daemon(20), 0, 'assayd ends while its program hangs' or diag $assayd->log;
    cmp_ok time - $begin, '<', 6, 'in a few seconds';
    ok @p == 2 && $gone->(@p), 'and ends the program and its child';
    like $assayd->log, qr/key_handed_over d=hook\.example .*result=stopped/, 'which it tells';
    $dir->write('home/publisher', $good, 0755);
    $assayd->start;
    ok $assayd->wait_log(qr/key_handed_over d=hook\.example .*result=done/, 20), 'its next start hands it over';
};

for my $api (['cloudflare', 'cf', 'content'], ['digitalocean', 'do', 'data']) {
    my ($name, $path, $member) = @$api;
    subtest "contrib/publish/$name" => sub {
        my $port = ports(1);
        my $state = $dir->path("$name.state");
        spawn(command => ['/usr/bin/python3', "$top/t/oracle/dns_api.py", $port, $state]);
        wait_for(sub { Assay::Dir::listening($port) }, 10);
        my $token = $dir->write("$name.token", "good\n");
        my %env = (uc($name) . '_API' => "http://127.0.0.1:$port/$path", uc($name) . '_TOKEN_FILE' => $token);
        my %record = (action => 'publish', name => 'r1._domainkey.example.com', zone => '', ttl => 60,
            value => 'v=DKIM1; k=rsa; p=AAAA', strings => ['v=DKIM1; k=rsa; ', 'p=AAAA']);
        my $records = sub { return @{ decode_json(slurp($state))->{records} } };
        my ($status, $said) = hook($name, \%record, %env);
        is $status, 0, 'publish' or diag $said;
        is scalar($records->()), 1, 'one record';
        hook($name, \%record, %env);
        is_deeply decode_json(slurp($state))->{log}, ['add 1'], 'again: nothing happens';
        ($status) = hook($name, { %record, action => 'revoke', value => 'v=DKIM1; p=', strings => ['v=DKIM1; p='] }, %env);
        is join('', map { $_->{$member} =~ s/"//gr } $records->()), 'v=DKIM1; p=', 'revoke replaces it';
        ($status) = hook($name, { %record, action => 'remove', value => '', strings => [] }, %env);
        is scalar($records->()), 0, 'remove';
        ($status) = hook($name, { %record, name => 'x.other.example' }, %env);
        is $status, 2, 'another\'s zone is refused';
        $dir->write("$name.token", "bad\n");
        ($status, $said) = hook($name, \%record, %env);
        is $status, 2, 'a bad token, too';
        ($status) = hook($name, \%record, %env, uc($name) . '_API' => 'http://127.0.0.1:1/');
        is $status, 1, 'a server that is away: later';
    };
}
is $assayd->stop_daemon, 0, 'assayd ends well' or diag $assayd->log;
done_testing;
