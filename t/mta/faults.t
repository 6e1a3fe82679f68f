#!/usr/bin/perl
# When things go wrong: no DNS, no keys, assayd killed in the middle, stopped
# under load, started anew; what the MTA then does.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM IPPROTO_TCP TCP_NODELAY);
use Time::HiRes 'time';
use Assay::Dir qw(wait_for slurp spawn stop listening);
use Assay::Fetched qw(need);
use Assay::Knot;
use Assay::Message;
use Assay::Milter;
use Assay::Postfix;
use Assay::Sendmail;
use Assay::Sink;
use Assay::SMTP qw(crlf);
use Assay::World qw(authres results mail_text);

need(qw(postfix sendmail knotd));
my $world = Assay::World->new;
my $dir = $world->dir;
my $sink = Assay::Sink->new($dir);
my %common = (internal_networks => ['10.0.0.0/8']);

sub remote {
    my ($mta, $ip) = @_;
    return Assay::SMTP->new($mta->port, helo => 'client.example', xclient => { ADDR => $ip, HELO => 'client.example' });
}

sub found {
    my ($mta, $pattern) = @_;
    my $octets = wait_for(sub { my ($m) = grep { $_ =~ $pattern } $mta->mail; $m }, 15);
    return Assay::Message->new($octets // '');
}

subtest 'without DNS' => sub {
    my $assayd = $world->assayd(%common, nameservers => ['127.0.0.1@' . Assay::Knot->blackhole],
        deadline => 2, wait => 0, NAME => 'no-dns', enforce => 'reject', always_reject => ['shop.example']);
    my $mta = Assay::Postfix->new($dir, name => 'pf-no-dns', sink => $sink->port, milters => [$assayd->postfix_socket]);
    my $c = remote($mta, '192.0.2.7');
    my $t = time;
    like $c->deliver(from => 'a@shop.example', to => 'bob@test.example',
        data => mail_text(from => 'a@shop.example', subject => 'no dns')), qr/^250/, 'accepted';
    cmp_ok time - $t, '<', 4, 'within the deadline';
    my %r = results(found($mta, qr/^Subject: no dns/m));
    like $r{spf}[0], qr/^temperror \(timeout\)/, 'spf=temperror';
    like $r{dmarc}[0], qr/^temperror/, 'dmarc=temperror: no pass, and nothing enforced';
    # Keys that were never seen do not sign; mail passes all the same.
    my $out = Assay::SMTP->new($mta->port, xclient => { ADDR => '10.0.0.1', LOGIN => 'alice' });
    like $out->deliver(from => 'a@shop.example', to => 'bob@test.example',
        data => mail_text(from => 'a@shop.example', subject => 'unseen key')), qr/^250/, 'outbound is accepted';
    is found($mta, qr/^Subject: unseen key/m)->count('DKIM-Signature'), 0, 'unsigned';
    like $assayd->log, qr/signed=no why="key test[er] of shop\.example is waiting/, 'and the log says why';
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
};

subtest 'tempfail on DNS trouble, when asked for' => sub {
    my $assayd = $world->assayd(%common, nameservers => ['127.0.0.1@' . Assay::Knot->blackhole],
        deadline => 1, wait => 0, NAME => 'tempfail', on_temperror => 'tempfail');
    my $mta = Assay::Postfix->new($dir, name => 'pf-tempfail', milters => [$assayd->postfix_socket]);
    like remote($mta, '192.0.2.7')->deliver(from => 'a@shop.example', to => 'bob@test.example',
        data => mail_text(from => 'a@shop.example')), qr/^451 4\.7\.1 DMARC policy for shop\.example/, 'the message is put off';
};

subtest 'without keys' => sub {
    my $assayd = $world->assayd(%common, key_dir => $dir->path('no-such-dir'), wait => 0, NAME => 'no-keys');
    my $mta = Assay::Postfix->new($dir, name => 'pf-no-keys', milters => [$assayd->postfix_socket]);
    my $c = Assay::SMTP->new($mta->port, xclient => { ADDR => '10.0.0.1' });
    like $c->deliver(from => 'a@shop.example', to => 'bob@test.example',
        data => mail_text(from => 'a@shop.example', subject => 'no key')), qr/^250/, 'accepted';
    is found($mta, qr/^Subject: no key/m)->count('DKIM-Signature'), 0, 'unsigned';
    like $assayd->log, qr/signed=no why="no key for shop\.example"/, 'and the log says why';
    like $assayd->log, qr/start part=signing key_dir=\S+ domains=0/, 'as the start block did';
};

subtest 'a key waits until it is published, and signs without a restart' => sub {
    my $fresh = Assay::World->new(sign => [], zones => { 'late.example' => '' });
    $fresh->make_keys('late.example', unpublished => 1);
    my $assayd = $fresh->assayd(%common, wait => 0, NAME => 'late');
    my $mta = Assay::Postfix->new($fresh->dir, sink => $sink->port, milters => [$assayd->postfix_socket]);
    my $send = sub {
        my ($subject) = @_;
        Assay::SMTP->new($mta->port, xclient => { ADDR => '10.0.0.1' })->deliver(from => 'a@late.example',
            to => 'bob@test.example', data => mail_text(from => 'a@late.example', subject => $subject));
        return found($mta, qr/^Subject: \Q$subject\E/m)->count('DKIM-Signature');
    };
    ok $assayd->wait_log(qr/key_waiting d=late\.example s=testr dns="not published" publish_as=TXT publish="v=DKIM1; k=rsa; p=/, 10),
        'the log says what to publish';
    is $send->('early'), 0, 'unsigned';
    $fresh->publish('late.example');
    # It is looked for every minute; a reload looks at once. The negative
    # answer is cached for its TTL of 5 s.
    sleep 6;
    $assayd->reload;
    ok $assayd->wait_log(qr/key_active d=late\.example s=testr.*/s, 15), 'seen';
    is $send->('published'), 2, 'signed';
    $assayd->stop_daemon;
    my $again = $fresh->assayd(%common, wait => 0, NAME => 'late-again',
        nameservers => ['127.0.0.1@' . Assay::Knot->blackhole]);
    ok $again->wait_log(qr/keys=teste:ed25519-sha256:active,testr:rsa-sha256:active/, 10), 'a restart without DNS knows';
};

subtest 'key files others can read' => sub {
    my ($key) = glob "$world->{keys}/shop.example/testr.pem";
    chmod 0644, $key;
    my $assayd = $world->assayd(%common, wait => 0, NAME => 'loose');
    like $assayd->log, qr/key_refused d=shop\.example s=testr why=".*mode 0644 lets others at the key/, 'refused, the mode named';
    chmod 0600, $key;
};

# What each MTA does when its milter dies in the middle of a message.
sub killed_in_the_middle {
    my ($name, $start, $client, $temporary) = @_;
    my $assayd = $world->assayd(%common, NAME => "killed-$name", SOCKET => 'unix', socket_mode => '0666');
    my $mta = $start->($assayd);
    my $c = $client->($mta);
    $c->envelope(from => 'a@plain.example', to => 'bob@test.example');
    $c->command('DATA');
    $c->put("From: a\@plain.example\r\nSubject: killed\r\n\r\nhalf");
    $assayd->kill_daemon;
    $c->put("\r\n.\r\n");
    like $c->reply, $temporary, "$name: the message is put off, not lost, not delivered";
    $c->close;
    like $client->($mta)->deliver(from => 'a@plain.example', to => 'bob@test.example',
        data => mail_text(from => 'a@plain.example')), qr/^4/, "$name: so is the next";
    $assayd->start;
    like $client->($mta)->deliver(from => 'a@plain.example', to => 'bob@test.example',
        data => mail_text(from => 'a@plain.example', subject => 'restarted')), qr/^250/,
        "$name: a new one is served after a restart, over the socket file that was left";
    is scalar(grep { /Subject: killed/ } $mta->mail), 0, "$name: nothing half was delivered";
    is $assayd->stop_daemon, 0, "$name: ends well" or diag $assayd->log;
    return;
}

killed_in_the_middle('Postfix', sub {
    Assay::Postfix->new($dir, name => 'pf-killed', milters => [$_[0]->postfix_socket]);
}, sub { remote($_[0], '203.0.113.9') }, qr/^451 4\.7\.1/);
killed_in_the_middle('Sendmail', sub {
    Assay::Sendmail->new($dir, name => 'sm-killed', milters => [a => $_[0]->sendmail_socket]);
}, sub { Assay::SMTP->new($_[0]->port, local => '127.0.0.9') }, qr/^451/);

subtest 'signals' => sub {
    my $assayd = $world->assayd(%common, NAME => 'signals', skip_daemons => ['FILTERED']);
    my $m = Assay::Milter->new($assayd->milter_socket);
    $m->negotiate;
    $m->connect('client.example', '203.0.113.9', 4242);
    $m->helo('client.example');
    my $run = sub {
        my @replies = $m->message(from => '<a@plain.example>', to => ['<b@test.example>'],
            data => crlf("From: a\@plain.example\n\nhi\n"), macros => { E => { i => 'QUEUED' } });
        return $replies[-1]{code};
    };
    is $run->(), 'a', 'a message';
    $assayd->reload for 1 .. 20;
    ok $assayd->wait_log(qr/reloaded/, 5), 'SIGHUP reloads';
    is $run->(), 'a', 'and the connection goes on';
    my $file = $assayd->{path} . '/assay.conf';
    my $good = slurp($file);
    Assay::Dir::spew($file, "$good\ndeadline = never\n");
    $assayd->reload;
    ok $assayd->wait_log(qr/reload_refused why=.*deadline: .*never/, 5), 'a bad configuration is refused, with the reason';
    Assay::Dir::spew($file, $good =~ s/authserv_id = .*/authserv_id = "other.test.example"/r);
    $assayd->reload;
    ok $assayd->wait_log(qr/reload_refused.*reloaded/s, 5), 'a good one is taken';
    is $run->(), 'a', 'the old connection is served';
    my $n = Assay::Milter->new($assayd->milter_socket);
    $n->negotiate;
    $n->connect('client.example', '203.0.113.9', 4242);
    my @replies = $n->message(from => '<a@plain.example>', to => ['<b@test.example>'],
        data => crlf("From: a\@plain.example\n\nhi\n"), macros => { E => { i => 'QUEUED' } });
    like +(grep { $_->{code} eq 'i' } @replies)[0]{value}, qr/^ other\.test\.example;/, 'a new one gets the new configuration';

    # SIGTERM: a message under way ends; nobody new gets in.
    $m->mail('<a@plain.example>');
    $m->header('From', ' a@plain.example');
    $m->eoh;
    $m->body("hi\r\n");    # the first that is answered
    my $skipped = Assay::Milter->new($assayd->milter_socket, macros => { C => { '{daemon_name}' => 'FILTERED' } });
    $skipped->negotiate;
    $skipped->connect('client.example', '203.0.113.9', 4242);
    $skipped->mail('<a@plain.example>');
    $skipped->header('From', ' a@plain.example');
    $skipped->eoh;
    $skipped->body("hi\r\n");
    kill 'TERM', $assayd->{pid};
    ok wait_for(sub { !listening($assayd->port) }, 10), 'told to end, it takes no new connections';
    ok $assayd->alive, 'but waits for the message under way';
    my @last = $m->eom;
    is $last[-1]{code}, 'a', 'which ends well';
    ok $assayd->alive, 'and for the one it leaves alone';
    @last = $skipped->eom;
    is $last[-1]{code}, 'a', 'which ends well, too';
    ok wait_for(sub { !$assayd->alive }, 10), 'then it ends';
    like $assayd->log, qr/stop messages_cut=0/, 'nothing was cut';
};

# Linux gives a signal to whichever thread wants it when the first cannot take
# it now; libmilter's would shut down.
subtest 'several signals while it cannot run' => sub {
    my $assayd = $world->assayd(%common, NAME => 'stopped');
    my $m = Assay::Milter->new($assayd->milter_socket);
    $m->negotiate;
    $m->connect('client.example', '203.0.113.9', 4242);
    $m->mail('<a@plain.example>');
    $m->header('From', ' a@plain.example');
    $m->eoh;
    for (1 .. 50) {
        kill $_, $assayd->{pid} for qw(STOP USR1 HUP CONT);
        select undef, undef, undef, 0.002;
    }
    is $m->body("hi\r\n"), 's', 'the message under way goes on';
    is +($m->eom)[-1]{code}, 'a', 'and ends well';
    ok $assayd->wait_log(qr/reloaded/, 5), 'they were reloads, no end';
    is $assayd->stop_daemon, 0, 'which SIGTERM is';
};

subtest 'answers go out at once' => sub {
    my $assayd = $world->assayd(%common, NAME => 'at-once');
    my $m = Assay::Milter->new($assayd->milter_socket);
    setsockopt $m->{socket}, IPPROTO_TCP, TCP_NODELAY, 1 or die "$!";
    $m->negotiate;
    $m->connect('client.example', '203.0.113.9', 4242);
    my $least = 1;
    for (1 .. 10) {
        $m->mail('<a@plain.example>');
        $m->header('From', ' a@plain.example');
        $m->eoh;
        $m->body("hi\r\n");
        my $t = time;
        my @replies = $m->eom;
        is join('', map { $_->{code} } @replies), 'ia', 'a field and the answer' if $_ == 1;
        $least = time - $t if time - $t < $least;
    }
    cmp_ok $least, '<', 0.03, 'the second packet does not wait for the first to be acknowledged';
};

subtest 'an MTA that allows no changes' => sub {
    my $assayd = $world->assayd(%common, NAME => 'no-changes');
    my $m = Assay::Milter->new($assayd->milter_socket);
    $m->negotiate(actions => 0x20);    # to hold is all it may
    $m->connect('client.example', '203.0.113.9', 4242);
    my @replies = $m->message(from => '<a@plain.example>', to => ['<b@test.example>'],
        data => crlf("From: a\@plain.example\n\nhi\n"), macros => { E => { i => 'NOEDIT' } });
    like $replies[-1]{payload}, qr/^451 4\.3\.0 /, 'is told to try again';
    my @lines = $assayd->log_lines(qr/NOEDIT/);
    is scalar @lines, 1, 'one line' or diag "@lines";
    like $lines[0], qr/internal_error .*why="the MTA refuses to change field Authentication-Results" answer=tempfail/,
        'that does not say accept';
};

subtest 'starting' => sub {
    my $conf = sub { return $dir->write('start.conf', $_[0]) };
    my $program = $ENV{top_builddir} . '/assayd';
    my $file = $conf->("sockt = x\ndeadline = soon\nenforce = \"maybe\"\nuser = \"\"\n");
    my $out = `$program -n -c $file 2>&1`;
    is $? >> 8, 1, '-n fails on a bad file';
    is scalar(() = $out =~ /^\S+start\.conf:[123]: /mg), 3, 'and tells all three faults with their lines' or diag $out;
    $file = $conf->("user = \"\"\n");
    $out = `$program -n -c $file 2>&1`;
    is $? >> 8, 0, '-n is content with a good one';
    $out = `$program -f -c /no/such/file 2>&1`;
    is $? >> 8, 1, 'no configuration';
    like $out, qr{/no/such/file: No such file}, 'told';
    my $other = $world->assayd(%common, NAME => 'first', SOCKET => 'unix');
    $file = $conf->("socket = unix:$other->{unix}\nuser = \"\"\n");
    $out = `$program -f -c $file 2>&1`;
    is $? >> 8, 1, 'a socket in use';
    like $out, qr/another process listens on it/, 'is not taken away';
    ok $other->alive, 'and the other goes on';
    ok listening($other->{unix}), 'and listens' or diag $other->log;
    my $port = Assay::Dir::ports(1);
    $file = $conf->("socket = inet:$port\nuser = \"\"\nlog = stderr\npid_file = " . $dir->path('assayd.pid')
        . "\nkey_dir = $world->{keys}\nnameservers = 127.0.0.1\ncontrol_socket = \"\"\n");
    is system("$program -c $file >/dev/null 2>&1"), 0, 'in the background: the parent ends when it serves';
    ok listening($port), 'it listens already';
    my $pid = slurp($dir->path('assayd.pid'));
    like $pid, qr/^\d+\n$/, 'pid file';
    isnt system("$program -c $file >/dev/null 2>&1"), 0, 'a second one does not start';
    is slurp($dir->path('assayd.pid')), $pid, 'and leaves the pid file of the first alone';
    kill 'TERM', $pid;
    ok wait_for(sub { !kill 0, $pid }, 10), 'SIGTERM ends it';
    ok !-e $dir->path('assayd.pid'), 'the pid file is gone';

    # The log of one in the background goes to a syslog of the test's own.
    my $syslog = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $dir->path('syslog')) or die "$!";
    my ($name) = $file =~ m{([^/]+)$};
    $conf->(slurp($file) =~ s/log = stderr/syslog_socket = ${\$dir->path('syslog')}/r);
    is system('cd ' . $dir->path('.') . " && $program -c $name >/dev/null 2>&1"), 0, 'a configuration by its relative name';
    $pid = slurp($dir->path('assayd.pid'));
    kill 'HUP', $pid;
    my ($lines, $line) = ('');
    $syslog->blocking(0);
    ok wait_for(sub { $lines .= $line while defined $syslog->recv($line, 9000); $lines =~ /reloaded config=/ }, 10),
        'is found again by a reload' or diag $lines;
    kill 'TERM', $pid;
    ok wait_for(sub { !kill 0, $pid }, 10), 'and it ends';
};

subtest 'as another user' => sub {
    my $keys = $dir->dir('user-keys', 0755);
    chown +(getpwnam 'nobody')[2], -1, $keys;
    chmod 0700, $keys;
    my $conf = $dir->write('user.conf', "user = nobody\nkey_dir = $keys\n", 0644);
    my $out = `$ENV{top_builddir}/assay keys new -c $conf user.example 2>&1`;
    is $?, 0, 'assay keys new, run by root' or diag $out;
    my @pem = glob "$keys/user.example/*.pem";
    is scalar @pem, 2, 'makes two keys';
    is_deeply [map { (stat)[4] } @pem], [((getpwnam 'nobody')[2]) x 2], 'of the service user';
    is_deeply [map { (stat)[2] & 07777 } @pem], [0600, 0600], 'that nobody else can read';
    my $run = $dir->dir('user-run', 0755);
    my $assayd = $world->assayd(%common, wait => 0, NAME => 'dropped', user => 'nobody', key_dir => $keys);
    my ($uid) = slurp("/proc/$assayd->{pid}/status") =~ /^Uid:\s+(.*)$/m;
    my $nobody = (getpwnam 'nobody')[2];
    is $uid, join("\t", ($nobody) x 4), 'assayd gives up root';
    like $assayd->log, qr/keys=e\d{6}:ed25519-sha256:waiting,r\d{6}:rsa-sha256:waiting/, 'and reads its keys';
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
};
done_testing;
