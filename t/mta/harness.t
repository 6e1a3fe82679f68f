#!/usr/bin/perl
# The harness of these tests, proved against the real things: each module does
# with Knot, Postfix, Sendmail and libmilter what it says it does.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Time::HiRes 'time';
use Assay::Daemon;
use Assay::Dir qw(ports spawn stop running wait_for slurp listening);
use Assay::DNS;
use Assay::Fetched qw(need);
use Assay::Knot qw(txt);
use Assay::Message;
use Assay::Milter;
use Assay::Postfix;
use Assay::Sendmail;
use Assay::Sink;
use Assay::SMTP qw(crlf);

need(qw(postfix sendmail knotd));
my $dir = Assay::Dir->new;
my $text = crlf("From: a\@sender.example\nTo: b\@test.example\nSubject: one\n two\n\nhello\n.dot\n..\n");

subtest 'Dir' => sub {
    my @ports = map { ports(3) } 1 .. 3;
    is scalar(keys %{ { map { $_ => 1 } @ports } }), 3, 'port ranges differ';
    ok !listening($ports[0]), 'and are free';
    my $pid = spawn(command => ['sleep', '60']);
    ok running($pid), 'a child runs';
    is stop($pid) & 127, 15, 'and ends by a signal';
    ok !running($pid), 'and is gone';
    $pid = spawn(log => $dir->path('deaf'), code => sub {
        $SIG{TERM} = 'IGNORE';
        print "deaf\n";
        sleep 1 while 1;
    });
    wait_for(sub { slurp($dir->path('deaf')) }, 5);
    is stop($pid, 'TERM', 0.3) & 127, 9, 'one that will not end is killed';
    my $t = time;
    ok !wait_for(sub { 0 }, 0.2), 'a wait ends';
    cmp_ok time - $t, '<', 2, 'in time';
    $pid = spawn(command => ['sh', '-c', 'echo $WORD'], env => { WORD => 'said' }, log => $dir->path('x/log'));
    ok wait_for(sub { slurp($dir->path('x/log')) eq "said\n" }, 5), 'environment and log';
};

subtest 'Message' => sub {
    my $m = Assay::Message->new("A: 1\r\nB:\r\n\t2\r\n x\r\na: 3\r\n\r\nbody\r\n\r\n");
    is_deeply [$m->names], [qw(A B a)], 'names in order';
    is_deeply [$m->fields('a')], [' 1', ' 3'], 'raw values by name';
    is $m->value('B'), "2 x", 'unfolded';
    is $m->position('b'), 1, 'position';
    is $m->body, "body\r\n\r\n", 'body';
};

subtest 'Knot' => sub {
    my $long = 'p=' . 'A' x 600;
    my $dns = Assay::Knot->new($dir, zones => {
        'sender.example' => "\@ TXT \"v=spf1 -all\"\nlong TXT " . txt($long) . "\nmail A 192.0.2.1\n"
            . "\@ MX 10 mail\nalias CNAME mail\n",
        'tcp.example'  => '@ TXT "over tcp"',
        'slow.example' => '@ TXT "never seen"',
    }, servfail => ['broken.example'], tcp_only => ['tcp.example'], silent => ['slow.example']);
    my $ask = sub { Assay::DNS::ask($dns->port, @_) };
    is_deeply $ask->('sender.example', 'TXT')->{data}, ['v=spf1 -all'], 'TXT';
    is_deeply $ask->('long.sender.example', 'TXT')->{data}, [$long], 'TXT of several strings';
    is_deeply $ask->('sender.example', 'MX')->{data}, ['10 mail.sender.example'], 'MX';
    is_deeply $ask->('alias.sender.example', 'A')->{data}, ['192.0.2.1'], 'CNAME';
    is $ask->('nobody.sender.example', 'TXT')->{rcode}, 'NXDOMAIN', 'NXDOMAIN';
    is_deeply $ask->('mail.sender.example', 'TXT'), { rcode => 'NOERROR', data => [], truncated => 0 }, 'no data';
    is $ask->('broken.example', 'TXT')->{rcode}, 'SERVFAIL', 'SERVFAIL';
    my $tcp = $ask->('tcp.example', 'TXT');
    ok $tcp->{tcp}, 'truncated over UDP';
    is_deeply $tcp->{data}, ['over tcp'], 'answered over TCP';
    is $ask->('x.slow.example', 'TXT', seconds => 0.3)->{rcode}, undef, 'silence';
    is $ask->('slow.example', 'TXT', seconds => 0.3, tcp => 1)->{rcode}, undef, 'silence over TCP';
    $dns->silence;
    is_deeply $ask->('slow.example', 'TXT')->{data}, ['never seen'], 'silence ended';
    $dns->set('sender.example', 'sel._domainkey', 'TXT', txt('v=DKIM1; p=a\b"c'));
    is_deeply $ask->('sel._domainkey.sender.example', 'TXT')->{data}, ['v=DKIM1; p=a\b"c'], 'a new record';
    $dns->set('sender.example', '@', 'TXT', '"v=spf1 +all"', '"another"');
    is_deeply [sort @{ $ask->('sender.example', 'TXT')->{data} }], ['another', 'v=spf1 +all'], 'records replaced';
    $dns->unset('sender.example', 'sel._domainkey', 'TXT');
    is $ask->('sel._domainkey.sender.example', 'TXT')->{rcode}, 'NXDOMAIN', 'record removed';
    ok scalar(grep { $_ eq 'x.slow.example TXT udp' } $dns->asked), 'what was asked is known';
    $dns->forget;
    is scalar($dns->asked), 0, 'and forgotten';
    $dns->pause;
    is $ask->('sender.example', 'TXT', seconds => 0.3)->{rcode}, undef, 'paused';
    $dns->resume;
    is $ask->('sender.example', 'TXT')->{rcode}, 'NOERROR', 'resumed';
    is Assay::DNS::ask(Assay::Knot->blackhole, 'x.example', 'A', seconds => 0.3)->{rcode}, undef, 'blackhole';
    $dns->stop_server;
    is $ask->('sender.example', 'TXT', seconds => 0.3)->{rcode}, undef, 'stopped';
};

subtest 'Sink and SMTP' => sub {
    my $sink = Assay::Sink->new($dir, name => 'exact');
    my $c = Assay::SMTP->new($sink->port);
    my @sent = ($text, "X: \x00\xff\r\n\r\nbare \r cr\r\n", "no header", '', ".\r\n.\r\n", 'A' x 200_000 . "\r\n");
    my $chunked = "B: 1\r\n\r\n.dots\r\n.\r\nno end";
    for my $data (@sent) {
        my $reply = $c->deliver(from => 'a@x.example', to => ['b@y.example', 'c@y.example'], data => $data);
        is $reply, '250 2.0.0 ok', 'accepted';
    }
    is $c->deliver(from => '', to => 'b@y.example', chunks => ['', substr($chunked, 0, 5), substr $chunked, 5]),
        '250 2.0.0 ok', 'in chunks';
    like $c->quit, qr/^221/, 'quit';
    my @got = $sink->wait_messages(@sent + 1, 5);
    is_deeply [map { $_->{data} } @got],
        [(map { /\r\n\z/ || $_ eq '' ? $_ : "$_\r\n" } @sent), $chunked], 'octet for octet';
    is_deeply $got[0]{envelope},
        ['MAIL FROM:<a@x.example>', 'RCPT TO:<b@y.example>', 'RCPT TO:<c@y.example>'], 'envelope';
};

my $socket = $dir->dir('probe', 0755) . '/sock';
my $probe = spawn(command => ["$ENV{top_builddir}/t/probe/probe", "unix:$socket"], log => $dir->path('probe/log'));
ok wait_for(sub { listening($socket) }, 5), 'a milter on libmilter runs' or BAIL_OUT(slurp($dir->path('probe/log')));

# What the milter said since the last time, once that matches.
my $told = 0;
sub told {
    my ($pattern) = @_;
    my $new = '';
    wait_for(sub { $new = substr slurp($dir->path('probe/log')), $told; $new =~ $pattern }, 5);
    $told += length $new;
    return $new;
}

subtest 'Milter' => sub {
    my $m = Assay::Milter->new("unix:$socket", macros => { M => { '{auth_authen}' => 'zoe' } });
    ok $m->negotiate, 'negotiated';
    is $m->{actions}, 1, 'what it wants to do';
    is $m->connect('client.example', '2001:db8::7', 4242), 'c', 'connect';
    is $m->helo('client.example'), 'c', 'helo';
    my @replies = $m->message(from => '<a@sender.example>', to => ['<b@test.example>'], data => $text);
    is_deeply [map { $_->{code} } @replies], ['i', 'c'], 'an edit and a verdict';
    is "$replies[0]{index} $replies[0]{name}:$replies[0]{value}", '0 X-Probe: seen', 'the edit in full';
    my $log = told(qr/eom/);
    like $log, qr/^connect client\.example 2001:db8::7$/m, 'it saw the client';
    like $log, qr/^mail <a\@sender\.example> \{auth_authen\}=zoe$/m, 'and its macro';
    like $log, qr/^header Subject: one\n two/m, 'and a folded field, octet for octet';
    like $log, qr/^body 17/m, 'and the body';
    @replies = $m->message(from => '<a@sender.example>', to => ['<reject@test.example>'], data => $text);
    is $replies[0]{text}, '550 5.7.1 100%% rejected', 'a refusal with its text';
    $m->abort;
    like told(qr/abort/), qr/^abort/m, 'abort';
    $m->quit;
    like told(qr/close/), qr/^close/m, 'quit';
    $m = Assay::Milter->new("unix:$socket", timeout => 2);
    $m->raw("\xff\xff\xff\xffX");
    is $m->reply, undef, 'nonsense is answered by hanging up';
};

my $sink = Assay::Sink->new($dir);
my $pf = Assay::Postfix->new($dir, milters => ["unix:$socket"], users => { alice => 'secret' },
    sink => $sink->port, domains => ['test.example', 'other.example']);
pass 'Postfix runs';

subtest 'Postfix' => sub {
    my $c = Assay::SMTP->new($pf->port,
        xclient => { ADDR => '192.0.2.7', NAME => 'mx.sender.example', LOGIN => 'bob' });
    like $c->{ehlo}, qr/^250-mx\.test\.example/, 'greets';
    like $c->deliver(from => 'a@sender.example', to => 'b@test.example', data => $text), qr/^250/, 'one message';
    like $c->command('RSET'), qr/^250/, 'reset';
    like $c->deliver(from => 'a@sender.example', to => 'b@test.example',
        chunks => [substr($text, 0, 20), substr $text, 20]), qr/^250/, 'a second one by BDAT';
    is $c->deliver(from => 'a@sender.example', to => 'reject@test.example', data => $text),
        '550 5.7.1 100% rejected', 'a refusal of the milter';
    $c->quit;
    my $log = told(qr/close/);
    like $log, qr/^connect mx\.sender\.example 192\.0\.2\.7/m, 'XCLIENT makes the client';
    like $log, qr/\{auth_authen\}=bob/, 'and who it is';
    my @mail = map { Assay::Message->new($_) } $pf->wait_mail(2, 10);
    is scalar(@mail), 2, 'both delivered';
    is $mail[0]->value('X-Probe'), 'seen', 'through the milter';
    is $mail[0]->value('Return-Path'), '<a@sender.example>', 'with the envelope';
    is $mail[0]->body =~ s/\n/\r\n/gr, "hello\r\n.dot\r\n..\r\n", 'body intact';

    $c = Assay::SMTP->new($pf->proxy_port, proxy => 'TCP6 2001:db8::5 2001:db8::1 4242 25');
    like $c->deliver(from => 'c@sender.example', to => 'b@test.example', data => $text), qr/^250/, 'PROXY';
    $c->quit;
    like told(qr/close/), qr/^connect \S+ 2001:db8::5/m, 'its client';

    $c = Assay::SMTP->new($pf->submission_port, auth => ['alice', 'secret']);
    like $c->{auth}, qr/^235/, 'AUTH';
    like $c->deliver(from => 'alice@test.example', to => 'far@away.example', data => $text), qr/^250/, 'submitted';
    $c->quit;
    $log = told(qr/close/);
    like $log, qr/^mail .*\{daemon_name\}=ORIGINATING \{auth_authen\}=alice \{auth_type\}=PLAIN$/m, 'as alice';
    my ($far) = $sink->wait_messages(1, 10);
    like $far->{data}, qr/^X-Probe: seen\r\n/m, 'relayed to the sink';
    is $far->{envelope}[1] =~ s/>.*/>/r, 'RCPT TO:<far@away.example>', 'with its envelope';
    $c = Assay::SMTP->new($pf->submission_port, auth => ['alice', 'wrong']);
    like $c->{auth}, qr/^535/, 'wrong password';
    $c->quit;
    told(qr/close/);

    $c = Assay::SMTP->new($pf->port);
    like $c->hang_up_in_data(from => 'a@sender.example', to => 'b@test.example', data => 'From: x'), qr/^354/, 'hangs up';
    like told(qr/close/), qr/^abort/m, 'the milter sees an abort';

    is $pf->sendmail($text, '-f', 'root@test.example', 'b@test.example'), '', 'local submission';
    like told(qr/eom/), qr/^connect localhost 127\.0\.0\.1/m, 'seen by the milter';
    ok $pf->wait_mail(4, 10), 'and delivered';
    ok $pf->wait_log(qr/milter-reject: RCPT/, 5), 'the log';
    is scalar($pf->queue), 0, 'the queue is empty';
};

my $sm = Assay::Sendmail->new($dir, milters => [probe => "unix:$socket"], sink => $pf->port);
pass 'Sendmail runs';

subtest 'Sendmail' => sub {
    my $c = Assay::SMTP->new($sm->port, helo => 'carol.auth.example');
    like $c->deliver(from => 'a@sender.example', to => 'b@test.example', data => $text), qr/^250/, 'one message';
    like $c->deliver(from => 'a@sender.example', to => 'b@test.example', data => $text), qr/^250/, 'a second one';
    is $c->deliver(from => 'a@sender.example', to => 'reject@test.example', data => $text),
        '550 5.7.1 <reject@test.example>... 100% rejected', 'a refusal of the milter';
    $c->quit;
    like told(qr/close/), qr/^mail .*\{auth_authen\}=carol \{auth_type\}=PLAIN$/m, 'authenticated by its HELO';
    my @mail = map { Assay::Message->new($_) } $sm->wait_mail(2, 10);
    is scalar(@mail), 2, 'both delivered';
    is $mail[0]->value('X-Probe'), 'seen', 'through the milter';
    ok defined $mail[0]->value('Date'), 'Sendmail added a Date';
    ok $sm->wait_log(qr/milter=probe/, 5), 'the log';
};

subtest 'Sendmail and Postfix together' => sub {
    my $before = () = $pf->mail;
    my $c = Assay::SMTP->new($sm->port);
    like $c->deliver(from => 'a@sender.example', to => 'd@other.example', data => $text), qr/^250/, 'into Sendmail';
    $c->quit;
    my @mail = $pf->wait_mail($before + 1, 15);
    my $m = Assay::Message->new($mail[-1] // '');
    is $m->count('X-Probe'), 2, 'out of Postfix, past the milter twice';
    is $m->value('Delivered-To'), 'd@other.example', 'to its recipient';

    my $out = Assay::Postfix->new($dir, name => 'outer', sink => $sm->port, domains => ['none.example']);
    $c = Assay::SMTP->new($out->port);
    like $c->deliver(from => 'a@sender.example', to => 'e@test.example', data => $text), qr/^250/, 'into Postfix';
    my @there = $sm->wait_mail(3, 15);
    is scalar(grep { /^X-Envelope-To: e$/m } @there), 1, 'out of Sendmail';
    $out->stop_mta;
    ok !listening($out->port), 'a second Postfix stops and leaves the first alone';
    ok listening($pf->port), '... which still listens';
};

subtest 'Daemon' => sub {
    my $program = $dir->write('stand-in', <<'EOT', 0755);
#!/usr/bin/perl
# Reads its configuration, listens, says so; HUP is noted.
use strict;
use warnings;
use IO::Socket::INET;
$| = 1;
open my $fh, '<', $ARGV[2] or die "$!";
my $conf = join '', <$fh>;
print $conf;
my ($port) = $conf =~ /^socket = "inet:(\d+)\@127\.0\.0\.1"$/m or die 'no socket';
$SIG{HUP} = sub { print "reloaded\n" };
$SIG{TERM} = sub { exit 0 };
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 5,
    ReuseAddr => 1) or die "$!";
sleep 1 while 1;
EOT
    my $d = Assay::Daemon->new($dir, program => $program,
        options => { authserv_id => 'mx.test.example', deadline => 8, domains => ['a.example', 'b"c'] },
        text => "# more\n");
    ok $d->alive, 'runs';
    ok $d->wait_log(qr/^domains = \{ "a\.example", "b\\"c" \}$/m, 5), 'with a list';
    is_deeply [$d->log_lines(qr/^deadline/)], ['deadline = 8'], 'and a number';
    is $d->postfix_socket, 'inet:127.0.0.1:' . $d->port, "Postfix's socket";
    is $d->sendmail_socket, 'inet:' . $d->port . '@127.0.0.1', "Sendmail's socket";
    $d->reload;
    ok $d->wait_log(qr/^reloaded/m, 5), 'reloads';
    is $d->stop_daemon, 0, 'ends well';
    ok !$d->alive, 'and is gone';
    ok !eval { Assay::Daemon->new($dir, name => 'bad', program => '/bin/false') }, 'one that will not start is told of';
};

ok running($probe), 'the milter has survived';
stop($probe, 'KILL');    # libmilter takes five seconds to end by itself
done_testing;
