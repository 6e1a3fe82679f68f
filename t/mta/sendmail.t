#!/usr/bin/perl
# The main job behind a real Sendmail, with what it does after every milter:
# missing Date, Message-Id and From added, addresses written anew.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Dir qw(wait_for slurp);
use Assay::Fetched qw(need);
use Assay::Message;
use Assay::Sendmail;
use Assay::Sink;
use Assay::SMTP qw(crlf);
use Assay::World qw(authres results mail_text);

need(qw(sendmail knotd));
my $world = Assay::World->new;
my $dir = $world->dir;
my $sink = Assay::Sink->new($dir);
my %common = (internal_networks => ['10.0.0.0/8'], enforce => 'reject',
    always_reject => ['shop.example', 'x.com'], socket_mode => '0600');
my $assayd = $world->assayd(%common, SOCKET => 'unix');
# As README advises: quoting is left alone.
my $mta = Assay::Sendmail->new($dir, sink => $sink->port,
    milters => [assay => $assayd->sendmail_socket], mc => "define(`confMUST_QUOTE_CHARS', `')dnl\n");

my $sent = 0;

sub found {
    my ($pattern) = @_;
    my $octets = wait_for(sub { my ($m) = grep { $_ =~ $pattern } $mta->mail; $m }, 15);
    return Assay::Message->new($octets // '');
}

# Without XCLIENT a client's address is a real one: 127.0.0.7 is mail.shop.example.
sub receive {
    my ($ip, $from, $text, %o) = @_;
    my $c = $o{client} // Assay::SMTP->new($mta->port, helo => $o{helo} // 'client.example', local => $ip);
    my $mark = 'X-Test: ' . ++$sent;
    my $reply = $c->deliver(from => $from, to => 'bob@test.example', data => "$mark\r\n$text");
    $c->quit unless $o{client};
    return $reply unless $reply =~ /^250/;
    return ($reply, found(qr/^\Q$mark\E\r?$/m));
}

my $signed_count = 0;

sub submit {
    my ($text, %o) = @_;
    # This HELO stands for SMTP AUTH (Assay::Sendmail).
    my $c = Assay::SMTP->new($mta->port, helo => 'alice.auth.example');
    my $reply = $c->deliver(from => $o{from} // 'alice@shop.example', to => 'x@far.example', data => $text);
    $c->quit;
    like $reply, qr/^250/, 'submission accepted' or return '';
    my @all = $sink->wait_messages(++$signed_count, 15);
    return $all[-1]{data};
}

sub both_pass {
    my ($octets, $what) = @_;
    my ($reply, $m) = receive('127.0.0.7', 'alice@shop.example', $octets);
    my %r = results($m);
    return is_deeply [map { /^(\w+)/ } @{ $r{dkim} }], ['pass', 'pass'], $what;
}

my $signed = submit(mail_text(from => 'Alice <alice@shop.example>'));

subtest 'outbound is signed and not judged' => sub {
    my $m = Assay::Message->new($signed);
    is $m->count('DKIM-Signature'), 2, 'two signatures';
    is $m->count('Authentication-Results'), 0, 'no Authentication-Results field';
    like $assayd->log, qr/direction=outbound from=shop\.example .*user=alice/, 'by the authenticated user';
};

subtest 'what we signed, we verify' => sub {
    my ($reply, $m) = receive('127.0.0.7', 'alice@shop.example', $signed);
    my %r = results($m);
    is_deeply [map { /^(\w+)/ } @{ $r{dkim} }], ['pass', 'pass'], 'dkim';
    like $r{spf}[0], qr/^pass .*smtp\.mailfrom=shop\.example$/, 'spf';
    like $r{iprev}[0], qr/policy\.iprev=127\.0\.0\.7$/, 'iprev (the resolver knows loopback by itself)';
    like $r{dmarc}[0], qr/^pass \(p=reject dis=none\)/, 'dmarc';
};

subtest 'forgeries' => sub {
    my ($reply) = receive('127.0.0.66', 'a@evil.com', mail_text(from => 'ceo@x.com'));
    like $reply, qr/^550 5\.7\.1 Email rejected per DMARC policy for x\.com/, 'rejected';
    ok $mta->wait_log(qr/milter=assay, reject=550 5\.7\.1 Email rejected per DMARC policy for x\.com/, 5), 'in its log';
    ($reply, my $m) = receive('127.0.0.66', 'a@evil.com', mail_text(from => 'ceo@soft.example'));
    is $m->value('X-Assay-Quarantine'), 'dmarc fail p=quarantine dom=soft.example', 'quarantined by a field';
    my $changed = $signed =~ s/this is a test/this was a test/r;
    ($reply) = receive('127.0.0.66', 'a@evil.com', $changed);
    like $reply, qr/^550 5\.7\.1/, 'a changed message is rejected';
};

subtest 'forged results are removed' => sub {
    my @forged = ('Authentication-Results: mx.test.example; dkim=pass header.d=bank.example',
        'Authentication-Results: other.example; dkim=pass',
        'Authentication-Results: "MX.test.example" 1; dmarc=pass',
        'Authentication-Results: mx.test.example.; spf=pass',
        'X-Assay-Quarantine: no', 'X-Assay-Quarantine: no',
        'Authentication-Results: mx.test.example.evil.net; spf=pass');
    my ($reply, $m) = receive('127.0.0.9', 'a@plain.example',
        mail_text(from => 'a@plain.example', fields => \@forged));
    my @left = $m->values('Authentication-Results');
    is scalar @left, 3, 'ours and those of others are left';
    unlike "@left[1, 2]", qr/bank|dmarc=pass|\.;/, 'none of the forged';
    is $m->count('X-Assay-Quarantine'), 0, 'our own field does not come in';
};

subtest 'what Sendmail adds after us breaks nothing' => sub {
    my $text = crlf("From: alice\@shop.example\nTo: x\@far.example\nSubject: bare\n\nhi\n");
    my $out = submit($text);
    my $m = Assay::Message->new($out);
    is $m->count('Date'), 1, 'it adds a Date';
    is $m->count('Message-Id'), 1, 'and a Message-Id';
    both_pass($out, 'the signatures hold');
    my ($h) = map { /h=([^;]*)/ } $m->value('DKIM-Signature');
    unlike $h, qr/date/i, 'since they are not sealed when absent';
};

subtest 'names that Sendmail would quote' => sub {
    both_pass(submit(mail_text(from => q{J. Doe <alice@shop.example>}, to => q{O'Brien <x@far.example>})),
        'are left alone');
};

subtest 'bodies' => sub {
    my %body = ('one octet' => 'x', 'no final newline' => "line\r\nlast",
        '8-bit' => "gr\xc3\xbc\xc3\x9fe\r\n", 'dots' => ".\r\n..\r\n.x\r\n", 'empty' => '');
    for my $name (sort keys %body) {
        both_pass(submit(mail_text(from => 'alice@shop.example', subject => $name, body => '') . $body{$name}), $name);
    }
};

subtest 'two messages on one connection, an abort between' => sub {
    my $c = Assay::SMTP->new($mta->port, local => '127.0.0.8');
    my ($reply, $m) = receive(undef, 'a@soft.example', mail_text(from => 'a@soft.example'), client => $c);
    my %r = results($m);
    like $r{dmarc}[0], qr/^pass/, 'first';
    $c->command('MAIL FROM:<b@evil.com>');
    $c->command('RSET');
    ($reply, $m) = receive(undef, 'a@evil.com', mail_text(from => 'a@soft.example'), client => $c);
    %r = results($m);
    like $r{dmarc}[0], qr/^fail/, 'second';
    $c->quit;
};

subtest 'the client hangs up in the middle' => sub {
    Assay::SMTP->new($mta->port, local => '127.0.0.8')->hang_up_in_data(from => 'a@soft.example',
        to => 'bob@test.example', data => "From: a\@soft.example\r\n\r\nhalf");
    my ($reply) = receive('127.0.0.8', 'a@soft.example', mail_text(from => 'a@soft.example'));
    like $reply, qr/^250/, 'the next message is served';
};

subtest 'the log' => sub {
    my ($id) = $mta->log =~ /\b(\w{14}): from=</;
    like $assayd->log, qr/^assayd: \Q$id\E: verdict /m, 'bears the queue id';
    is scalar(grep { !/assayd: \w{14}: verdict/ } $assayd->log_lines(qr/verdict/)), 0, 'of each message';
    unlike $assayd->log, qr/mta_lacks/, 'and Sendmail lacks nothing';
};

subtest 'hold' => sub {
    my $holder = $world->assayd(%common, enforce => 'quarantine', quarantine_action => 'both', NAME => 'assayd-hold');
    my $other = Assay::Sendmail->new($dir, name => 'sendmail-hold', milters => [assay => $holder->sendmail_socket]);
    my $c = Assay::SMTP->new($other->port, local => '127.0.0.66');
    like $c->deliver(from => 'a@evil.com', to => 'bob@test.example', data => mail_text(from => 'ceo@x.com')),
        qr/^250/, 'accepted';
    $c->quit;
    ok $other->wait_log(qr/milter=assay, quarantine=dmarc fail p=reject dom=x\.com/, 5), 'and quarantined, with the reason';
    like $other->run('-bp', '-qQ'), qr/dmarc fail p=reject dom=x\.com|QUARANTINE|ceo|evil/i, 'it waits in the quarantine';
    $other->run('-qQ', '-qRbob', '-Q');
    $other->run('-q');
    my ($mail) = $other->wait_mail(1, 15);
    my $m = Assay::Message->new($mail // '');
    is $m->value('X-Assay-Quarantine'), 'dmarc fail p=reject dom=x.com', 'released by hand';
    is $holder->stop_daemon, 0, 'the daemon ends well' or diag $holder->log;
};

ok $assayd->alive, 'assayd is alive';
is $assayd->stop_daemon, 0, 'and ends well' or diag $assayd->log;
done_testing;
