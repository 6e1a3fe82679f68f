#!/usr/bin/perl
# The main job behind a real Postfix: outbound mail is signed, inbound mail is
# verified, judged and stamped.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Dir qw(wait_for slurp);
use Assay::Fetched qw(need);
use Assay::Message;
use Assay::Postfix;
use Assay::Sink;
use Assay::SMTP qw(crlf);
use Assay::World qw(authres results mail_text);

need(qw(postfix knotd));
my $world = Assay::World->new;
my $dir = $world->dir;
my $sink = Assay::Sink->new($dir);

# Remote clients are made by XCLIENT; loopback is one of them here, so that
# nothing is outbound by accident.
my %common = (internal_networks => ['10.0.0.0/8'], outbound_daemons => ['ORIGINATING'],
    skip_daemons => ['FILTERED'], trusted_relays => ['203.0.113.5'], enforce => 'reject',
    always_reject => ['shop.example', 'x.com'], socket_group => 'proxy');    # whom Postfix runs as here
my %daemon = map { $_ => $world->assayd(%common, SOCKET => $_, NAME => "assayd-$_") } qw(inet unix);
my $filtered = Assay::Dir::ports(1);
my $mta = Assay::Postfix->new($dir, users => { alice => 'secret' }, sink => $sink->port,
    milters => [$daemon{inet}->postfix_socket],
    master => "127.0.0.1:$filtered inet n - n - - smtpd\n  -o milter_macro_daemon_name=FILTERED\n");

my $sent = 0;

sub remote {
    my ($ip, $helo, %o) = @_;
    return Assay::SMTP->new($mta->port, helo => $helo // 'client.example',
        xclient => { ADDR => $ip, NAME => $o{name} // '[UNAVAILABLE]', HELO => $helo // 'client.example' });
}

# Sends one message from a remote client; returns the reply and the message
# that was delivered, if any.
sub receive {
    my ($ip, $from, $text, %o) = @_;
    my $c = $o{client} // remote($ip, $o{helo});
    my $mark = 'X-Test: ' . ++$sent;
    my $reply = $c->deliver(from => $from, to => 'bob@test.example', data => "$mark\r\n$text");
    $c->quit unless $o{client};
    return $reply unless $reply =~ /^250/;
    return ($reply, found(qr/^\Q$mark\E\r?$/m));
}

# The delivered message that matches.
sub found {
    my ($pattern) = @_;
    my $octets = wait_for(sub { my ($m) = grep { $_ =~ $pattern } $mta->mail; $m }, 15);
    return Assay::Message->new($octets // '');
}

# What our own users' mail looks like when it has left.
my $signed_count = 0;

sub submit {
    my ($text, %o) = @_;
    my $c = Assay::SMTP->new($mta->submission_port, auth => ['alice', 'secret']);
    my $reply = $c->deliver(from => $o{from} // 'alice@shop.example', to => 'x@far.example', data => $text);
    $c->quit;
    like $reply, qr/^250/, 'submission accepted' or return '';
    my @all = $sink->wait_messages(++$signed_count, 15);
    return $all[-1]{data};
}

my $signed = submit(mail_text(from => 'Alice <alice@shop.example>'));

subtest 'outbound is signed and not judged' => sub {
    my $m = Assay::Message->new($signed);
    my @sigs = $m->values('DKIM-Signature');
    is scalar @sigs, 2, 'two signatures';
    is scalar(grep { /a=rsa-sha256/ && /s=testr\b/ && /d=shop\.example/ } @sigs), 1, 'RSA';
    is scalar(grep { /a=ed25519-sha256/ && /s=teste\b/ } @sigs), 1, 'Ed25519';
    is $m->count('Authentication-Results'), 0, 'no Authentication-Results field, no user name';
    my ($h) = $sigs[0] =~ /h=([^;]*)/;
    my %h;
    $h{lc $_}++ for split /\s*:\s*/, $h =~ s/\s//gr;
    is $h{from}, 2, 'From is oversigned';
    is $h{subject}, 2, 'Subject is oversigned';
    is $h{'reply-to'}, 1, 'an absent Reply-To is sealed';
    is(($m->names)[0], 'Received', 'the signature stands below the trace field of the MTA');
    ok !(grep { length > 78 } map { split /\r\n/ } $m->fields('DKIM-Signature')), 'folded at 78';
};

subtest 'what we signed, we verify' => sub {
    my ($reply, $m) = receive('192.0.2.7', 'alice@shop.example', $signed, helo => 'mail.shop.example');
    like $reply, qr/^250/, 'accepted';
    my %r = results($m);
    is_deeply [map { /^(\w+)/ } @{ $r{dkim} }], ['pass', 'pass'], 'both signatures pass';
    like $r{dkim}[0], qr/header\.d=shop\.example .*header\.s=test[re] header\.a=\S+ header\.b=/, 'properties';
    like $r{spf}[0], qr/^pass \(ip4:192\.0\.2\.0\/24\) smtp\.mailfrom=shop\.example$/, 'spf';
    like $r{spf}[1], qr/^pass \(a\) smtp\.helo=mail\.shop\.example$/, 'spf of the HELO name';
    like $r{iprev}[0], qr/^pass \(mail\.shop\.example\) policy\.iprev=192\.0\.2\.7$/, 'iprev';
    like $r{dmarc}[0], qr/^pass \(p=reject dis=none\) header\.from=shop\.example policy\.dmarc=reject$/, 'dmarc';
    my @top = grep { !/^(?:Return-Path|X-Original-To|Delivered-To)$/ } $m->names;
    is $top[0], 'Authentication-Results', 'on top';
    is $m->count('Authentication-Results'), 1, 'one field';
    is $m->count('X-Assay-Quarantine'), 0, 'no quarantine';
};

subtest 'a changed message' => sub {
    my $changed = $signed =~ s/this is a test/this was a test/r;
    my ($reply) = receive('198.51.100.66', 'a@evil.com', $changed);
    like $reply, qr/^550 5\.7\.1 Email rejected per DMARC policy for shop\.example/, 'rejected';
    like $mta->wait_log(qr/milter-reject: END-OF-MESSAGE.*DMARC policy for shop\.example/, 5), qr/./, 'in the log of the MTA';
    like $daemon{inet}->log, qr/dkim=fail .*dkim_why="body hash did not verify".*action=reject rule=always_reject/,
        'and in ours, with the reason';
};

subtest 'a forgery' => sub {
    my ($reply) = receive('198.51.100.66', 'a@evil.com', mail_text(from => 'ceo@x.com'));
    like $reply, qr/^550 5\.7\.1 .*x\.com/, 'From x.com sent by evil.com is rejected';
    ($reply, my $m) = receive('198.51.100.66', 'a@evil.com', mail_text(from => 'ceo@soft.example'));
    like $reply, qr/^250/, 'p=quarantine is delivered';
    is $m->value('X-Assay-Quarantine'), 'dmarc fail p=quarantine dom=soft.example', 'and marked';
    my %r = results($m);
    like $r{dmarc}[0], qr/^fail \(p=quarantine dis=quarantine\)/, 'dmarc=fail';
};

subtest 'unsigned, and a domain without records' => sub {
    my ($reply, $m) = receive('203.0.113.9', 'a@plain.example', mail_text(from => 'a@plain.example'));
    my %r = results($m);
    is $r{dkim}[0], 'none', 'dkim=none';
    like $r{spf}[0], qr/^none /, 'spf=none';
    like $r{dmarc}[0], qr/^none /, 'dmarc=none';
};

subtest 'forged results are removed' => sub {
    my @forged = ('Authentication-Results: mx.test.example; dkim=pass header.d=bank.example',
        'Authentication-Results: other.example; dkim=pass',
        'Authentication-Results: "MX.test.example" 1; dmarc=pass',
        "Authentication-Results:\r\n (a (nested) comment) mx.test.EXAMPLE ; dmarc=pass",
        'X-Assay-Quarantine: no',
        'authentication-results: mx.test.example.; spf=pass',
        'Authentication-Results: mx.test.example.evil.net; spf=pass');
    my ($reply, $m) = receive('203.0.113.9', 'a@plain.example',
        mail_text(from => 'a@plain.example', fields => \@forged));
    my @left = $m->values('Authentication-Results');
    is scalar @left, 3, 'ours and those of others are left';
    unlike "@left[1, 2]", qr/bank|dmarc=pass|\.;/, 'none of the forged';
    is $m->count('X-Assay-Quarantine'), 0, 'our own field does not come in';
    like $daemon{inet}->log, qr/stripped=5 /, 'the log counts them';
};

subtest 'two messages on one connection, an abort between' => sub {
    my $c = remote('192.0.2.8', 'client.example');
    my ($reply, $m) = receive(undef, 'a@soft.example', mail_text(from => 'a@soft.example', id => 7), client => $c);
    my %r = results($m);
    like $r{dmarc}[0], qr/^pass/, 'first';
    $c->command('MAIL FROM:<b@evil.com>');
    $c->command('RSET');
    ($reply, $m) = receive(undef, 'a@evil.com', mail_text(from => 'a@soft.example', id => 8), client => $c);
    %r = results($m);
    like $r{dmarc}[0], qr/^fail/, 'second, nothing of the first left';
    $c->quit;
};

subtest 'the client hangs up in the middle' => sub {
    remote('192.0.2.8')->hang_up_in_data(from => 'a@soft.example', to => 'bob@test.example',
        data => "From: a\@soft.example\r\n\r\nhalf");
    my ($reply) = receive('192.0.2.8', 'a@soft.example', mail_text(from => 'a@soft.example'));
    like $reply, qr/^250/, 'the next message is served';
};

subtest 'bodies' => sub {
    my %body = ('empty' => '', 'one octet' => 'x', 'no final newline' => "line\r\nlast",
        '8-bit' => "gr\xc3\xbc\xc3\x9fe \xff\xfe\r\n", 'dots' => ".\r\n..\r\n.x\r\n",
        'blank lines at the end' => "x\r\n\r\n\r\n", 'thirty megabytes' => join('', ('0123456789abcdef' x 4 . "\r\n") x 476_000));
    for my $name (sort keys %body) {
        next if length $body{$name} > 1e7;    # below
        my $text = mail_text(from => 'alice@shop.example', subject => $name, body => '') . $body{$name};
        my $out = submit($text);
        my ($reply, $m) = receive('192.0.2.7', 'alice@shop.example', $out);
        my %r = results($m);
        is_deeply [map { /^(\w+)/ } @{ $r{dkim} }], ['pass', 'pass'], $name;
    }
    $mta->{main} = "message_size_limit = 60000000\nvirtual_mailbox_limit = 0\nmailbox_size_limit = 0\n";
    $mta->reload;
    my $out = submit(mail_text(from => 'alice@shop.example', body => '') . $body{'thirty megabytes'});
    my ($reply, $m) = receive('192.0.2.7', 'alice@shop.example', $out);
    my %r = results($m);
    is_deeply [map { /^(\w+)/ } @{ $r{dkim} }], ['pass', 'pass'], 'thirty megabytes';
};

subtest 'who is outbound' => sub {
    my ($reply) = receive('10.1.2.3', 'a@shop.example', mail_text(from => 'a@shop.example'));
    like $daemon{inet}->log, qr/direction=outbound from=shop\.example mfrom=a\@shop\.example client=10\.1\.2\.3 .*signed=shop\.example:/,
        'a client of internal_networks';
    my $out = $mta->sendmail("From: a\@shop.example\nTo: bob\@test.example\nSubject: local\n\nhi\n", '-t', '-f', 'a@shop.example');
    my $m = found(qr/^Subject: local/m);
    is $m->count('DKIM-Signature'), 2, 'and signed (non_smtpd_milters)';
    like $daemon{inet}->log, qr/direction=outbound from=shop\.example .*client=127\.0\.0\.1/, 'as outbound';
};

subtest 'a listener that is left alone' => sub {
    my $c = Assay::SMTP->new($filtered, helo => 'filter');
    my $text = mail_text(from => 'a@shop.example', subject => 'filtered',
        fields => ['Authentication-Results: mx.test.example; dkim=pass']);
    like $c->deliver(from => 'a@shop.example', to => 'bob@test.example', data => $text), qr/^250/, 'accepted';
    $c->quit;
    my $m = found(qr/^Subject: filtered/m);
    is $m->count('DKIM-Signature'), 0, 'not signed';
    is_deeply [$m->values('Authentication-Results')], ['mx.test.example; dkim=pass'], 'not stripped, not stamped';
};

subtest 'a gateway of ours' => sub {
    my ($reply, $m) = receive('203.0.113.5', 'ceo@x.com', mail_text(from => 'ceo@x.com'));
    like $reply, qr/^250/, 'a DMARC failure it brings is not enforced';
    my %r = results($m);
    like $r{dmarc}[0], qr/^fail \(p=reject dis=none override=local_policy\)/, 'but stamped, with the reason';
    ok !$r{spf} && !$r{iprev}, 'its address is not evaluated';
};

subtest 'the null sender' => sub {
    my ($reply, $m) = receive('192.0.2.7', '', mail_text(from => 'postmaster@shop.example'), helo => 'mail.shop.example');
    my %r = results($m);
    like $r{spf}[0], qr/^pass \(a\) smtp\.helo=mail\.shop\.example$/, 'SPF is that of HELO';
    like $r{dmarc}[0], qr/^pass/, 'and it aligns';
};

subtest 'over a Unix socket' => sub {
    $mta->{milters} = [$daemon{unix}->postfix_socket];
    $mta->reload;
    my ($reply, $m) = receive('192.0.2.7', 'alice@shop.example', $signed, helo => 'mail.shop.example');
    my %r = results($m);
    is_deeply [map { /^(\w+)/ } @{ $r{dkim} }], ['pass', 'pass'], 'verified';
    ($reply) = receive('198.51.100.66', 'a@evil.com', mail_text(from => 'ceo@x.com'));
    like $reply, qr/^550 5\.7\.1/, 'rejected';
};

subtest 'hold' => sub {
    my $holder = $world->assayd(%common, enforce => 'quarantine', quarantine_action => 'hold', NAME => 'assayd-hold');
    $mta->{milters} = [$holder->postfix_socket];
    $mta->reload;
    my $c = remote('198.51.100.66');
    like $c->deliver(from => 'a@evil.com', to => 'bob@test.example', data => mail_text(from => 'ceo@x.com', subject => 'held')), qr/^250/, 'accepted';
    $c->quit;
    my ($held) = grep { $_->{queue_name} eq 'hold' } $mta->queue;
    ok $held, 'and held' or return;
    $mta->run('postsuper', '-H', 'ALL');
    $mta->flush;
    like found(qr/^Subject: held/m)->value('Authentication-Results'), qr/dis=quarantine/,
        'released by hand it is delivered, stamped';
    is $holder->stop_daemon, 0, 'the daemon ends well' or diag $holder->log;
};

for my $name (sort keys %daemon) {
    ok $daemon{$name}->alive, "assayd ($name) is alive";
    is $daemon{$name}->stop_daemon, 0, 'and ends well';
}
done_testing;
