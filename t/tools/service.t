#!/usr/bin/perl
# assayd and those who ask it: assay status, reload and drain, the metrics
# page, systemd; and many, slow and rude clients. No mail server, no DNS.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP;
use Socket qw(SOCK_DGRAM SOCK_STREAM);
use Time::HiRes qw(sleep time);
use Assay::Daemon;
use Assay::Dir qw(ports spawn wait_for slurp spew listening);
use Assay::Milter;
use Assay::SMTP qw(crlf);

my $dir = Assay::Dir->new;
my $metrics = ports(2);
my $tool = $ENV{top_builddir} . '/assay';
my %options = (user => '', log => 'stderr', key_dir => $dir->dir('keys', 0700), authserv_id => 'mx.test.example',
    nameservers => ['127.0.0.1@' . ($metrics + 1)], deadline => 1, internal_networks => ['10.0.0.0/8'], drain_limit => 2);

sub milter {
    my ($assayd, $address) = @_;
    my $m = Assay::Milter->new($assayd->milter_socket);
    $m->negotiate;
    $m->connect('client.example', $address // '10.0.0.1', 4242);
    return $m;
}

sub message {
    my ($m) = @_;
    my @replies = $m->message(from => '<a@plain.example>', to => ['<b@test.example>'],
        data => crlf("From: a\@plain.example\n\nhi\n"), macros => { E => { i => 'QUEUED' } });
    return $replies[-1]{code};
}

sub get {
    my ($path, %o) = @_;
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $metrics, Timeout => 5) or return '';
    print {$s} ($o{method} // 'GET') . " $path HTTP/1.0\r\n\r\n";
    local $/;
    return scalar(<$s>) // '';
}

sub control { return IO::Socket::UNIX->new(Peer => $_[0]->control_socket, Type => SOCK_STREAM) }

# --- systemd -----------------------------------------------------------------

# Read as it comes: the kernel keeps ten datagrams and refuses more.
my $notify = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $dir->path('notify')) or die "notify: $!";
spawn(log => $dir->path('heard'), code => sub {
    $| = 1;
    my $datagram;
    print $datagram, "\n" while defined $notify->recv($datagram, 2000);
});
my $heard = 0;

# Waits until what has come since the last call matches.
sub heard {
    my ($pattern, $seconds) = @_;
    my $found = wait_for(sub { substr(slurp($dir->path('heard')), $heard) =~ $pattern }, $seconds // 10);
    $heard = length slurp($dir->path('heard'));
    return $found;
}

# Descriptors enough to live, few enough to run out of. The shell becomes it.
my $assayd = Assay::Daemon->new($dir, program => $dir->write('start', "#!/bin/sh\nulimit -n 90\nexec $ENV{top_builddir}/assayd \"\$@\"\n", 0755),
    options => { %options, metrics => "inet:$metrics\@127.0.0.1" },
    env => { NOTIFY_SOCKET => $dir->path('notify'), WATCHDOG_USEC => 800_000 });
ok heard(qr/^READY=1$/m), 'systemd is told that it serves';
ok heard(qr/^WATCHDOG=1$/m, 5), 'and that it goes on';

# --- status, reload ------------------------------------------------------------

is message(milter($assayd)), 'a', 'a message';
my ($status, $out) = $assayd->control('status', '--json');
is $status, 0, 'assay status: it serves';
my $told = decode_json($out);
is $told->{process}{state}, 'serving', '... and says so';
is $told->{process}{pid}, $assayd->{pid}, '... of this process';
is $told->{configuration}{file}, "$assayd->{path}/assay.conf", '... with its configuration';
is_deeply [map { $_->{count} } grep { $_->{direction} eq 'outbound' && $_->{action} eq 'accept' } @{ $told->{messages} }], [1],
    '... and the message';
is $told->{mail}{outbound_unsigned}, 1, '... which nothing signed';
($status, $out) = $assayd->control('status');
like $out, qr/^process\n  version +\S+\n/, 'for people';
unlike $out, qr/[^\n\x20-\x7e]/, '... in plain text';

($status, $out) = $assayd->control('reload');
is $status, 0, 'assay reload';
like $out, qr/^reloaded +yes$/m, '... says so';
ok heard(qr/^RELOADING=1\nMONOTONIC_USEC=\d+\n\nREADY=1$/m), 'systemd hears of it';
my $file = "$assayd->{path}/assay.conf";
my $good = slurp($file);
spew($file, "deadline = never\nno_such = 1\n" . $good =~ s/^deadline.*\n//mr);
($status, $out) = $assayd->control('reload');
is $status, 1, 'a bad configuration: status 1';
is scalar(() = $out =~ /assay\.conf:[12]: /g), 2 * 2, '... and both faults, on both outputs' or diag $out;
is message(milter($assayd)), 'a', '... mail goes on';
is decode_json((`$tool status -c $file --json`))->{configuration}{last_reload}, 'refused', '... and status knows, reading no more of it than it needs';
spew($file, $good);
kill 'HUP', $assayd->{pid} for 1 .. 20;
kill 'USR1', $assayd->{pid} for 1 .. 20;
is +($assayd->control('reload'))[0], 0, 'after forty signals';
is +($assayd->control('status'))[0], 0, 'it serves';

# --- metrics -------------------------------------------------------------------

my $page = get('/metrics');
like $page, qr{^HTTP/1\.[01] 200 }, '/metrics';
like $page, qr{^Content-Type: text/plain; version=0\.0\.4}mi, '... is what Prometheus reads';
my ($text) = $page =~ /\r\n\r\n(.*)\z/s;
my (%type, %help, %seen, @wrong);
for (split /\n/, $text) {
    if (/^# HELP (\w+) (\S.*)$/)                { push @wrong, "$_: again" if $help{$1}++ }
    elsif (/^# TYPE (\w+) (counter|gauge|histogram)$/) { push @wrong, "$_: again" if $type{$1}; $type{$1} = $2 }
    elsif (/^(([a-z_]+?)(?:_(bucket|sum|count))?)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)+\})? (\d+(?:\.\d+)?)$/) {
        my ($name, $base, $labels) = ($1, $2, $4 // '');
        my $type = $type{$name} // $type{$base} // '';
        push @wrong, "$_: no type" unless $type;
        push @wrong, "$_: a counter that does not end in _total" if $type eq 'counter' && $name !~ /_total$/;
        push @wrong, "$_: twice" if $seen{"$name$labels"}++;
    } else { push @wrong, "$_: no line" }
}
is_deeply \@wrong, [], '... line by line';
is_deeply [sort keys %type], [sort keys %help], '... each with its help';
like $text, qr/^assay_messages_total\{direction="outbound",action="accept"\} 2$/m, '... has counted';
like $text, qr/^assay_config_reloads_total\{result="refused"\} 1$/m, '... reloads, too';
like $text, qr/^process_resident_memory_bytes [1-9]\d{5,}$/m, '... and has weighed itself';
my $dashboard = decode_json(slurp(($ENV{top_srcdir} // '.') . '/contrib/grafana/assay.json') || '{}');
my $names = join '|', map { $type{$_} eq 'histogram' ? ("${_}_bucket", "${_}_sum", "${_}_count") : $_ } keys %type;
my (%used, @strange, %place, %taken);
# The labels of each name: those of the page, and those that Prometheus adds.
my %labels;
for (grep { /^(\w+)\{(.*)\} / } split /\n/, $text) {
    my ($name, $labels) = /^(\w+)\{(.*)\} /;
    $labels{$name}{$1}{$2} = 1 while $labels =~ /(\w+)="([^"]*)"/g;
}
for my $panel (@{ $dashboard->{panels} // [] }) {
    my $at = $panel->{gridPos};
    push @strange, "$panel->{title}: its number is taken" if $taken{ $panel->{id} }++;
    for my $x ($at->{x} .. $at->{x} + $at->{w} - 1) {
        push @strange, "$panel->{title}: lies on another" if grep { $place{"$x $_"}++ } $at->{y} .. $at->{y} + $at->{h} - 1;
        push @strange, "$panel->{title}: beyond the edge" if $x >= 24;
    }
    for my $expr (map { $_->{expr} // () } @{ $panel->{targets} // [] }) {
        my @series = $expr =~ /\b((?:assay|process)_\w+)/g;
        @used{@series} = ($panel->{title}) x @series;
        push @strange, "$panel->{title}: shows nothing of assayd" unless @series;
        while ($expr =~ /\b((?:assay|process)_\w+)\{([^}]*)\}/g) {
            my ($name, $matches) = ($1, $2);
            while ($matches =~ /(\w+)=~?"([^"]*)"/g) {
                push @strange, "$panel->{title}: $name has no $1=$2" unless $2 eq "\$$1" || $labels{$name}{$1}{$2};
            }
        }
        for my $label (map { split /, */ } $expr =~ /\bby \(([^)]*)\)/g) {
            push @strange, "$panel->{title}: $_ has no $label" for grep { !$labels{$_}{$label} && /^(?:$names)$/ } @series;
        }
    }
}
cmp_ok scalar(keys %used), '>', 10, 'the dashboard shows them';
is_deeply [grep { !/^(?:$names)$/ } sort keys %used], [], '... and none that is not there';
is_deeply \@strange, [], '... with labels that are, each panel in its place';
is_deeply [grep { /^assay_journal/ && !$used{$_} } sort keys %type], [], '... and all that is told of the journal';
like get('/health'), qr{^HTTP/1\.[01] 200 .*\r\n\r\nok\n}s, '/health';
like get('/health/live'), qr{^HTTP/1\.[01] 200 }, '/health/live';
like get('/health', method => 'HEAD'), qr{^HTTP/1\.[01] 200 [^\0]*\r\n\r\n\z}, 'HEAD';
like get('/'), qr{^HTTP/1\.[01] 404 }, 'no other page';
like get('/metrics', method => 'POST'), qr{^HTTP/1\.[01] 405 }, 'nothing but to read';

# --- who asks badly --------------------------------------------------------------

my @slow = map { control($assayd) } 1 .. 20;
print {$_} 'assay/1 sta' for @slow;
$_->flush for @slow;
my $asked = time;
for my $i (1 .. 300) {
    my $c = control($assayd) or next;
    print {$c} $i % 3 == 0 ? "assay/1 reload\n" : $i % 3 == 1 ? "\0" x 100 : "assay/1 sta";
    close $c;
}
is +($assayd->control('status'))[0], 0, 'among half a thousand half requests it answers';
cmp_ok time - $asked, '<', 20, '... soon';
is message(milter($assayd)), 'a', '... and mail goes on';
@slow = ();
my @open = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $metrics) } 1 .. 40;
print {$_} "GET /metrics HTTP/1.1\r\n" for grep { $_ } @open;
is message(milter($assayd)), 'a', 'with forty half requests for metrics, too';
@open = ();
ok wait_for(sub { get('/health/live') =~ / 200 / }, 10), '... which are forgotten';

SKIP: {
    skip 'not root: nobody else to be', 4 if $>;
    my $as_nobody = sub {
        my ($what) = @_;
        my $pid = fork // die "fork: $!";
        if (!$pid) { $) = '65534 65534'; $( = 65534; $> = 65534; $< = 65534; exec { $tool } $tool, $what, '--socket', $assayd->control_socket }
        waitpid $pid, 0;
        return $? >> 8;
    };
    open my $stderr, '>&', \*STDERR;
    open STDERR, '>', '/dev/null';
    chmod 0755, $assayd->{path};
    is $as_nobody->('status'), 3, 'another user can not connect';
    chmod 0666, $assayd->control_socket;
    is $as_nobody->('status'), 3, '... nor, where the mode lets him, get an answer';
    is $as_nobody->('drain'), 3, '... nor give an order';
    open STDERR, '>&', $stderr;
    ok $assayd->alive, '... and nothing has happened';
}

# --- it is full; it stands still -----------------------------------------------------

my @many = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $assayd->port) } 1 .. 120;
ok heard(qr/WATCHDOG/, 5) && heard(qr/WATCHDOG/, 5), 'as many connections as there may be are no reason to start anew';
is +($assayd->control('status'))[0], 0, '... and it can be asked';
@many = ();
kill 'STOP', $assayd->{pid};
heard(qr/\z/);
ok wait_for(sub { !heard(qr/WATCHDOG/, 0.6) }, 15), 'standing still, it says nothing';
kill 'CONT', $assayd->{pid};
ok heard(qr/WATCHDOG/, 10), '... and goes on where it was';

# --- the end ----------------------------------------------------------------------

# A session that never rests keeps nothing up: half-way it is put off.
my $busy = milter($assayd);
my $other = milter($assayd);
$other->mail('<a@plain.example>');
$other->header('From', ' a@plain.example');
$other->eoh;
$other->body("hi\r\n");
$asked = time;
open my $drain, '-|', $tool, 'drain', '-c', $file, '--json' or die "drain: $!";
ok wait_for(sub { !listening($assayd->port) }, 5), 'drain: no new connections, at once';
cmp_ok time - $asked, '<', 2, '... at once';
is message($busy), 'a', '... a message on an old one is served';
is +($assayd->control('status'))[0], 1, '... status knows';
like get('/health/live'), qr{ 200 }, '... it is alive';
like get('/health/ready'), qr{ 503 .*no, ending}s, '... and not ready';
ok heard(qr/^STOPPING=1\n.*\nEXTEND_TIMEOUT_USEC=22000000$/m), '... systemd knows, and how long it may take';
my $answer = '';
wait_for(sub { $answer = message($busy) eq 'a' ? '' : $busy->{last}{text} // '?'; time - $asked > 1.2 }, 5);
my @last = $busy->message(from => '<a@plain.example>', to => ['<b@test.example>'], data => crlf("From: a\@plain.example\n\nhi\n"));
like $last[-1]{text} // $last[-1]{code}, qr/^421 4\.3\.2 /, '... half-way what begins is put off';
is +($other->eom)[-1]{code}, 'a', '... while what was there before is finished';
$out = join '', <$drain>;
close $drain;
is $? >> 8, 0, '... then it ends';
is decode_json($out)->{messages_cut}, 0, '... and says that it has cut nothing';
ok wait_for(sub { !$assayd->alive }, 5), '... and is gone';
ok !-e $assayd->control_socket, '... its socket, too';
is +($assayd->control('status'))[0], 3, '... and nobody answers';
for ([$dir->path('nowhere') => 'No such file or directory'], [$dir->path => 'Is a directory']) {
    is `$tool drain -c $_->[0] 2>&1`, "assay drain: $_->[0]: $_->[1]\n", 'no configuration: nobody else is asked';
    is $? >> 8, 3, '... and there is no answer';
}

# Killed while it ends: what is left is taken over.
$assayd->start;
my $m = milter($assayd);
$m->mail('<a@plain.example>');
kill 'TERM', $assayd->{pid};
ok wait_for(sub { !listening($assayd->port) }, 5), 'killed while it ends';
$assayd->kill_daemon;
$assayd->start;
is message(milter($assayd)), 'a', '... the next serves';
is +($assayd->control('status'))[0], 0, '... and can be asked';
is $assayd->stop_daemon, 0, '... and ends well' or diag $assayd->log;

# --- configurations -----------------------------------------------------------------

sub checked {
    my $conf = $dir->write('far.conf', join "\n", 'user = ""', @_, '');
    return scalar `$ENV{top_builddir}/assayd -n -c $conf 2>&1`;
}
like checked('metrics = inet:9@0.0.0.0'), qr/far\.conf:2: metrics: must be a loopback address/, 'metrics for everybody: refused';
like checked('metrics = inet:9@0.0.0.0', 'insecure_metrics_remote = yes'), qr/configuration is good/, '... unless one insists';
my $blind = Assay::Daemon->new($dir, name => 'blind', options => { %options, control_group => 'no-such-group' });
ok $blind->wait_log(qr/control_off why="control_group: no group no-such-group"/, 10), 'without a control socket';
is message(milter($blind)), 'a', '... mail goes on';
is $blind->stop_daemon, 0, '... and it ends well' or diag $blind->log;
done_testing;
