#!/usr/bin/perl
# The attacks of the literature against a real Postfix and a real Sendmail, and
# what the MTAs themselves make of such mail on its way to us and behind us.
# legit.example is the victim (p=reject, -all); the attacker owns
# attack.example, where SPF passes and assayd itself has made the signatures.
# t/data/ATTACKS says which test is whose.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Author qw(random_from);
use Assay::Daemon;
use Assay::Dir qw(wait_for slurp);
use Assay::Fetched qw(need);
use Assay::Message;
use Assay::Milter;
use Assay::Postfix;
use Assay::Sendmail;
use Assay::Sink;
use Assay::SMTP qw(crlf);
use Assay::World qw(authres results mail_text);

need(qw(postfix sendmail knotd));
my $spf = 'v=spf1 ip4:203.0.113.66 ip4:127.0.0.66 -all';
my $long = join ' ', map { qq("$_") } ('x' x 250) x 240;
my $world = Assay::World->new(
    sign => ['shop.example', 'attack.example'],
    zones => {
        'legit.example'  => qq(\@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n),
        'attack.example' => qq(\@ TXT "$spf"\n* TXT "$spf"\n_dmarc TXT "v=DMARC1; p=none"\n)
            . qq(long TXT "v=spf1 " $long\nvoid TXT "v=spf1 a:n1.plain.example a:n2.plain.example )
            . qq(a:n3.plain.example +all"\nodd TXT "v=spf1 a:%{l}.plain.example \\034\\059\\010\\128 +all"\n)
            . qq(crash TXT "v=spf1 -all exp=e.attack.example"\ne TXT ") . ('A%{d}' x 45) . qq(%-%-%{d}B"\n),
        '113.0.203.in-addr.arpa' => <<'EOT',
66 PTR mail.attack.example.
67 PTR a\010b\;\(\034\\c\000.attack.example.
68 PTR x\128\255y.attack.example.
69 PTR legit.example.
EOT
    });
my $dir = $world->dir;
my %common = (internal_networks => ['10.0.0.0/8'], outbound_daemons => ['ORIGINATING'], enforce => 'none',
    own_authserv_ids => ['former.example'], socket_mode => '0666');
my $assayd = $world->assayd(%common, SOCKET => 'unix');
$assayd->wait_log(qr/attack\.example\S* s=testr|testr:rsa-sha256:active.*attack|attack\.example.*testr/, 10)
    or diag $assayd->log;
my $sink = Assay::Sink->new($dir);
my %mta = (
    postfix  => Assay::Postfix->new($dir, users => { alice => 'secret' }, sink => $sink->port,
        milters => [$assayd->postfix_socket]),
    # It completes every address without a domain, as many are set up to do.
    sendmail => Assay::Sendmail->new($dir, milters => [assay => $assayd->sendmail_socket],
        mc => "FEATURE(`always_add_domain')dnl\n"),
);

# A client at the attacker's address.
sub attacker {
    my ($mta, $helo, $ip) = @_;
    return $mta eq 'postfix'
        ? Assay::SMTP->new($mta{postfix}->port, helo => $helo,
            xclient => { ADDR => $ip // '203.0.113.66', NAME => '[UNAVAILABLE]', HELO => $helo })
        : Assay::SMTP->new($mta{sendmail}->port, helo => $helo, local => '127.0.0.66');
}

# The reply, and the message as it was delivered.
my $sent = 0;
sub attack {
    my ($mta, $text, %o) = @_;
    my $mark = 'X-Test: ' . ++$sent . 'x';
    my $c = attacker($mta, $o{helo} // 'mail.attack.example', $o{ip});
    my $data = $text =~ s/^(?=(?:\r\n|\z))/$mark\r\n/mr;    # at the end of the header
    my $reply = $c->deliver(from => $o{from} // 'a@attack.example', to => 'bob@test.example', data => $data);
    $c->quit;
    return ($reply) unless $reply =~ /^250/;
    my $octets = wait_for(sub { my ($m) = grep { /^\Q$mark\E\r?$/m } $mta{$mta}->mail; $m }, 15);
    return ($reply, $octets // '');
}

# attack.example's signatures, as its own mail server would put them.
sub sign {
    my ($text) = @_;
    my $m = Assay::Milter->new($assayd->milter_socket, macros => { E => { i => 'SIGN' } });
    $m->negotiate;
    $m->connect('attacker.example', '10.0.0.1', 4242);
    $m->helo('attacker.example');
    my @replies = $m->message(from => '<a@attack.example>', to => ['<b@test.example>'], data => $text);
    $m->quit;
    my $fields = join '', map { "$_->{name}:$_->{value}\n" } grep { ($_->{name} // '') eq 'DKIM-Signature' } @replies;
    return crlf($fields) . $text;
}

# --- Composition Kills ---------------------------------------------------------

my $legit = 'From: admin@legit.example';
my ($pass, $fail) = ('pass attack.example', 'fail legit.example');
my ($none, $error) = ('no pass', 'permerror');    # "no pass": no From, or no such message
my @attacks = (
    # name, header, what is said of it, and the envelope
    ['the attacker as himself', 'From: a@attack.example', $pass],
    ['a1 a name that does not exist', $legit, $fail, from => 'any@notexist.legit.example'],
    ['a2 T2 null sender', $legit, $fail, from => '', helo => 'attack.example'],
    ['a2 T2 HELO of the victim', $legit, $fail, helo => 'legit.example'],
    ['T2 malformed sender, HELO passes', 'From: a@attack.example', 'fail attack.example',
        from => 'a@attack.example(x', helo => 'attack.example', unsigned => 1],
    ['a3 NUL in d=', "DKIM-Signature: v=1; a=rsa-sha256; d=legit.example\0.attack.example; s=testr; h=From; bh=x; b=x\n$legit",
        $fail],
    ['a4 quote in d=', "DKIM-Signature: v=1; a=rsa-sha256; d=legit.example'a.attack.example; s=testr; h=From; bh=x; b=x\n$legit",
        $fail],
    ['a5 parenthesis in the sender', $legit, $fail, from => 'any@legit.example(.attack.example', helo => 'attack.example'],
    ['a5 parenthesis in HELO', $legit, $fail, from => '', helo => 'legit.example(.attack.example'],
    ['a6 quote in the sender', $legit, $fail, from => "any\@legit.example'\@any.attack.example"],
    ['a6 quote in the sender domain', $legit, $fail, from => "any\@legit.example'.attack.example"],
    ['a7 route in the sender', $legit, $fail, from => '@legit.example,@any.com:\'any@attack.example'],
    ['a8 two fields', "From: <a\@attack.example>\n$legit", $error],
    ['a8 two fields, victim first', "$legit\nFrom: <a\@attack.example>", $error],
    ['a9 blank before the colon', "From : <a\@attack.example>\n$legit", $error],
    ['a9 blank before the second colon', "From: <a\@attack.example>\nFrom \t: admin\@legit.example", $error],
    ['a10 blank before the name', " $legit\nFrom: <a\@attack.example>", $none, top => 1],
    ['a11 name folded', "From\n : admin\@legit.example\nFrom: <a\@attack.example>", $none],
    ['a12 Sender', "$legit\nSender: a\@attack.example", $fail],
    ['a13 Resent-From', "Resent-From: a\@attack.example\n$legit", $fail],
    ['a14 two addresses', 'From: a@attack.example, admin@legit.example', $error],
    ['a14 two addresses, victim first', 'From: admin@legit.example, a@attack.example', $error],
    ['a15 encoded address', 'From: =?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?=,<a@attack.example>', $error],
    ['a16 route', 'From: <@attack.example,@any.com:admin@legit.example>', $fail],
    ['a17 quoted pair', 'From: <admin@legit.example>\,<a@attack.example>', $error],
    ['a18 specials', 'From: admin@legit.example,<a@attack.example>', $error],
    ['a19 address and name', 'From: <a@attack.example>admin@legit.example', $error],
    ['a19 name and address', 'From: admin@legit.example<a@attack.example>', $error],
    ['T1 identical twice', "$legit\n$legit", $error],
    ['T1 another case', "$legit\nFROM: admin\@legit.example", $error],
    ['T1 no From', 'X: y', $error],
    ['T1 no From, a forged sender', 'X: y', { postfix => $error, sendmail => $fail }, from => 'ceo@legit.example'],
    ['T1 empty From, a forged sender', 'From:', { postfix => $error, sendmail => $fail }, from => 'ceo@legit.example'],
    ['T5 empty group', 'From: x:;', $error],
    ['T5 no at sign', 'From: legit.example', $error],
    ['T5 NUL in From', "From: <a\@attack.example\0>,<admin\@legit.example>", { postfix => $pass, sendmail => $error }],
    ['CR in From', "From: <a\@attack.example>\r$legit", { postfix => $error, sendmail => $none }],
    ['T20 at sign in a quoted local part', 'From: "a@attack.example"@legit.example', $fail],
    ['T20 the same in the sender', $legit, $fail, from => '"a@legit.example"@attack.example'],
    ['T21 trailing >', 'From: admin@legit.example>', $fail],
    ['T21 quoted pair in the name', 'From: "\"" <admin@legit.example>', $fail],
    ['T22 Latin-1', "From: J\xf6rg <admin\@legit.example>", $fail],
    ['T22 comma', 'From: Doe, John <admin@legit.example>', $fail],
    ['T22 the address as a name', 'From: admin@legit.example <admin@legit.example>', $fail],
    ['T22 dots', 'From: a..b@legit.example', $fail],
    ['T22 quote never closed', 'From: "x <admin@legit.example>', $fail],
    ['T22 percent sign', 'From: ceo%legit.example', $fail],
    ['T22 bang path', 'From: legit.example!ceo', $fail],
    ['Sendmail would add an author', 'From: ceo, <a@attack.example>', { postfix => $pass, sendmail => $error }],
    ['T8 an explanation that crashes libspf2', $legit, $fail, from => 'a@crash.attack.example'],
    ['T9 three void lookups', $legit, $fail, from => 'a@void.attack.example'],
    ['T12 60 kilobytes of TXT', $legit, $fail, from => 'a@long.attack.example'],
    ['T13 octets in TXT', $legit, $fail, from => '"x;(\"y"@odd.attack.example'],
);

# What is said of the message, in short.
sub verdict {
    my ($reply, $octets) = @_;
    return 'no pass' unless defined $octets;
    my %r = results($octets);
    my ($word, $author) = ($r{dmarc}[0] // '') =~ /^(\w+)(?:.*header\.from=(\S+))?/;
    return join ' ', grep { defined } $word, $author;
}

for my $mta (sort keys %mta) {
    subtest "Composition Kills and others behind $mta" => sub {
        for (@attacks) {
            my ($name, $header, $want, %o) = @$_;
            $want = $want->{$mta} if ref $want;
            my $rest = "To: bob\@test.example\nSubject: $name\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"
                . "Message-ID: <1\@test.example>";
            # A CR alone is part of an attack.
            my $lines = $o{top} ? "$header\n$rest" : "$rest\n$header";
            my $text = $lines =~ s/(?<!\r)\n/\r\n/gr . "\r\n\r\nHi\r\n";
            my $signed = $o{unsigned} || $header =~ /[\0\r]/ ? $text : sign($text);
            my ($reply, $octets) = attack($mta, $signed, %o);
            my $got = verdict($reply, $octets);
            unlike $got, qr/^pass (?!attack\.example$)/, "$name: no pass for the victim";
            # An MTA may refuse what it cannot bear; that harms nobody.
            next if $reply =~ /^[45]/ && $want ne $pass;
            $got = 'no pass' if $want eq 'no pass' && $got !~ /^pass/;
            is $got, $want, "$name: $want" or diag $reply, $octets;
        }
    };
}

# The pass of the attacker as himself is one by DKIM, too, so that the others
# are attacks with a signature that holds.
my ($reply, $octets) = attack('postfix', sign(crlf("From: a\@attack.example\nTo: b\@test.example\nSubject: x\n"
    . "Date: Fri, 20 Nov 2026 10:00:00 +0000\nMessage-ID: <1\@test.example>\n\nHi\n")));
like authres($octets), qr/dkim=pass.*header\.d=attack\.example.*dmarc=pass/, 'the attacker signs well';

# What a pass was for is still the author when Sendmail has written the field
# anew. The attacker passes; nothing else does.
subtest 'T22 Sendmail makes no other author of what passed' => sub {
    srand($ENV{SEED} // 822);
    my @fields = map { random_from('attack.example', 'attack.example', 'ATTACK.example', 'legit.example') } 1 .. 200 * ($ENV{SCALE} // 1);
    my $c = attacker('sendmail', 'mail.attack.example');
    my @taken;
    for my $i (0 .. $#fields) {
        my $reply = $c->deliver(from => 'a@attack.example', to => 'bob@test.example',
            data => "X-Random: ${i}x\r\nSubject: x\r\nFrom: $fields[$i]\r\n\r\nHi\r\n");
        push @taken, $i if $reply =~ /^250/;
        $c = attacker('sendmail', 'mail.attack.example') if $reply =~ /^(?:421.*)?\z/;
    }
    my %got;
    wait_for(sub {
        %got = map { /^X-Random: (\d+)x/m ? ($1 => $_) : () } $mta{sendmail}->mail;
        return keys %got == @taken;
    }, 60);
    is scalar keys %got, scalar @taken, 'all that was taken is delivered';
    my @passed = grep { (results($got{$_}))[0] && authres($got{$_}) =~ /dmarc=pass/ } sort { $a <=> $b } keys %got;
    my $file = $dir->path("authors");
    open my $reader, '|-', "${\($ENV{top_builddir} // '.')}/t/oracle/from_cli > $file" or die "from_cli: $!";
    print $reader unpack('H*', (Assay::Message->new($got{$_})->fields('From'))[0] // ''), "\n" for @passed;
    close $reader or die "from_cli: $!";
    my @authors = split /\n/, slurp($file);
    ok @passed > @fields / 10, scalar(@passed) . ' of ' . @fields . ' pass';
    my @other = grep { $authors[$_] ne 'attack.example' } 0 .. $#passed;
    is scalar @other, 0, 'and are of the same author' or diag map { "$fields[$passed[$_]] -> $authors[$_]\n" } @other;
};

# --- T6, T16: fields that claim to be ours -------------------------------------

my $id = 'mx.test.example';
my %forged = (
    'token'              => " $id; dkim=pass",
    'no blanks'          => "$id;dkim=pass",
    'another case'       => ' MX.Test.EXAMPLE; dkim=pass',
    'quoted'             => " \"$id\"; dkim=pass",
    'quoted pair'        => ' "mx\.test.example"; dkim=pass',
    'T16 trailing dot'   => " $id.; dkim=pass",
    'comments before it' => " (x) (y(z)\\)) $id; dkim=pass",
    'folded'             => "\r\n\t$id\r\n ;\r\n\tdkim=pass",
    'version'            => " $id 1; dkim=pass",
    'version, comments'  => " $id (x) 1 (y); dkim=pass",
    'another version'    => ' other.example 2; dkim=pass',
    'former id'          => ' former.example; dkim=pass',
    'encoded word'       => ' =?us-ascii?q?mx=2Etest=2Eexample?=; dkim=pass',
    'garbage before it'  => " x $id; dkim=pass",
    'octets before it'   => " \xff$id; dkim=pass",
    'NUL before it'      => " \0$id; dkim=pass",
    '17 results'         => " $id" . '; dkim=pass header.d=bank.example' x 17,
    '100 kilobytes'      => " $id; dkim=pass" . ' x=y' x 25_000,
    '100 kilobytes, folded' => " $id; dkim=pass" . "\r\n\tx=y" x 16_000,
    '100 kilobytes before it' => ' (' . 'x' x 100_000 . ") $id; dkim=pass",
);
my %kept = (
    'another id' => ' other.example; dkim=pass', 'longer' => " $id.evil.example; dkim=pass",
    'below'      => " x.$id; dkim=pass",         'look-alike' => ' not' . "$id; dkim=pass",
    'ours as a value' => " other.example; spf=pass smtp.mailfrom=$id",
);

for my $mta (sort keys %mta) {
    subtest "T6 fields that claim to be ours, $mta" => sub {
        for my $name (sort keys %forged) {
            for my $colon (':', " \t:") {
                my $field = "Authentication-Results$colon$forged{$name}\r\n";
                my ($reply, $octets) = attack($mta, crlf("From: a\@attack.example\nSubject: x\n") . $field . "X: y\r\n\r\nHi\r\n");
                if ($reply =~ /^552/ && $name =~ /kilobytes/ && $mta eq 'sendmail') {
                    pass "$name: more than it takes";
                    next;
                }
                my @left = Assay::Message->new($octets)->values('Authentication-Results');
                # The field's text goes where the MTA cuts it, at a NUL.
                @left = grep { $_ ne '' } @left if $name =~ /^NUL/;
                is scalar @left, 1, "$name: ours alone is left" or diag "$reply\n", map { "$_\n" } @left;
                like $left[0] // '', qr{^\Q$id\E;\s+iprev=.*dmarc=pass}, "$name: and it is this one";
            }
        }
        my $all = join '', map { "Authentication-Results:$kept{$_}\r\n" } sort keys %kept;
        my $many = join '', map { 'Authentication-Results:' . ($_ % 3 ? " $id; dkim=pass" : " other.example; x=$_") . "\r\n" } 1 .. 120;
        my ($reply, $octets) = attack($mta, crlf("From: a\@attack.example\n") . $all . $many . "\r\nHi\r\n");
        my @left = Assay::Message->new($octets)->values('Authentication-Results');
        is scalar @left, 1 + 5 + 40, 'those of others stay, 80 among them go';
        is scalar(grep { /^\Q$id\E;/ } @left), 1, 'ours is one';
        is_deeply [@left[1 .. 5]], [map { $kept{$_} =~ s/^ //r } sort keys %kept], 'untouched';
        is_deeply [@left[6 .. 45]], [map { 'other.example; x=' . 3 * $_ } 1 .. 40], 'each of them';
    };
}

subtest 'own_authserv_ids is authserv_id alone unless it lists more' => sub {
    my $plain = $world->assayd(%common, own_authserv_ids => [], NAME => 'assayd-plain', wait => 0);
    my $other = Assay::Postfix->new($dir, name => 'postfix-plain', milters => [$plain->postfix_socket]);
    my $c = Assay::SMTP->new($other->port, xclient => { ADDR => '203.0.113.66', NAME => '[UNAVAILABLE]' });
    $c->deliver(from => 'a@attack.example', to => 'bob@test.example', data => mail_text(from => 'a@attack.example',
        fields => ["Authentication-Results: former.example; x=y", "Authentication-Results: $id; x=y"]));
    $c->quit;
    my ($octets) = $other->wait_mail(1, 15);
    is_deeply [map { /^(\S+);/ } Assay::Message->new($octets // '')->values('Authentication-Results')],
        [$id, 'former.example'], 'the former id is nobody\'s';
    is $plain->stop_daemon, 0, 'the daemon ends well' or diag $plain->log;
};

# --- T11, T13: what is written ---------------------------------------------------

subtest 'T11 PTR records' => sub {
    my %want = ('203.0.113.66' => 'fail', '203.0.113.67' => 'fail', '203.0.113.68' => 'fail', '203.0.113.69' => 'fail');
    for my $ip (sort keys %want) {
        my ($reply, $octets) = attack('postfix', crlf("From: a\@attack.example\n\nHi\n"), ip => $ip);
        like authres($octets), qr/; iprev=fail \(no name leads back\) policy\.iprev=\Q$ip\E;/, $ip;
    }
};

# Every octet in every place, by the protocol itself: no MTA hands these over.
subtest 'T13 octets in the log as JSON and in the fields' => sub {
    my $json = Assay::Daemon->new($dir, name => 'assayd-json', socket => 'unix', options => {
        authserv_id => $id, user => '', log => 'stderr', log_format => 'json', key_dir => $dir->dir('nokeys', 0755),
        nameservers => ['127.0.0.1@' . $world->dns->port], enforce => 'none', internal_networks => [] });
    my $qid = 0;
    for my $start (map { 16 * $_ } 0 .. 15) {
        my $octets = join '', map { chr } grep { $_ } $start .. $start + 15;
        for my $place (qw(helo mail name d s i from)) {
            my %in = ($place => $octets);
            my $x = sub { $in{ $_[0] } // '' };
            my $m = Assay::Milter->new($json->milter_socket, macros => { E => { i => 'J' . ++$qid . 'J' } });
            $m->negotiate;
            $m->connect('x' . $x->('name'), '203.0.113.66', 4242);
            $m->helo('x' . $x->('helo') . '.attack.example');
            my @replies = $m->message(from => '<a' . $x->('mail') . '@attack.example>', to => ['<b@test.example>'],
                data => 'DKIM-Signature: v=1; a=rsa-sha256; d=attack.example' . $x->('d') . '; s=s' . $x->('s')
                    . '; i=a' . $x->('i') . "\@attack.example; h=From; bh=x; b=x\nFrom: a\@legit.example" . $x->('from') . "\n\nHi\n");
            $m->quit;
            my ($field) = grep { ($_->{name} // '') eq 'Authentication-Results' } @replies;
            my $value = $field ? $field->{value} =~ s/\n[\t ]/ /gr : '';
            like $value, qr/^ \Q$id\E;[ -~]* dmarc=(?:fail|permerror)[^;]*\z/, "octets from $start in $place: the field";
        }
    }
    $json->wait_log(qr/"qid":"J${qid}J"/, 10);
    my @lines = grep { /"event":"verdict"/ } split /\n/, $json->log;
    is scalar @lines, $qid, 'a line each';
    is scalar(grep { !defined eval { decode_json($_ =~ s/^assayd: //r)->{action} } } @lines), 0, 'and each is JSON';
    is scalar(grep { /[^ -~]/ && !eval { decode_json($_ =~ s/^assayd: //r); 1 } } @lines), 0, 'of sound UTF-8';
    is $json->stop_daemon, 0, 'the daemon ends well' or diag $json->log;
};

# --- T10: who the client is ------------------------------------------------------

subtest 'T10 PROXY lines' => sub {
    my $port = $mta{postfix}->proxy_port;
    my %bad = ('no address' => 'TCP4', 'no number' => 'TCP4 999.1.1.1 127.0.0.1 1 25',
        'long' => 'TCP4 ' . '1' x 500 . ' 127.0.0.1 1 25', 'port' => 'TCP4 203.0.113.66 127.0.0.1 99999999999 25');
    for my $name (sort keys %bad) {
        my $c = eval { Assay::SMTP->new($port, proxy => $bad{$name}, timeout => 5) };
        unlike $c ? $c->{ehlo} : '', qr/^250/, "$name: refused";
    }
    my $c = Assay::SMTP->new($port, proxy => 'TCP6 2001:db8::66 ::1 4242 25', helo => 'x.example');
    like $c->deliver(from => 'a@attack.example', to => 'bob@test.example', data => mail_text(from => 'a@attack.example')),
        qr/^250/, 'an address of IPv6';
    $c->quit;
    ok $assayd->wait_log(qr/client=2001:db8::66 .*spf=fail/, 10), 'is the client';
};

# --- client a1 to a3 ---------------------------------------------------------------

subtest 'a user of ours is not signed as somebody else' => sub {
    my $n = 0;
    my %from = (
        'alice as herself' => ['From: alice@shop.example', 2],
        'client a1 two From fields' => ["From: alice\@shop.example\nFrom: ceo\@legit.example", 0],
        'client a1 two From fields of ours' => ["From: alice\@shop.example\nFrom: ceo\@shop.example", 0],
        'client a2 two domains' => ['From: alice@shop.example, ceo@legit.example', 0],
        'client a2 two domains, the other first' => ['From: ceo@legit.example, alice@shop.example', 0],
        'client a2 address as a name' => ['From: ceo@legit.example <alice@shop.example>', 0],
        'client a3 another domain' => ['From: ceo@legit.example', 0],
        'client a3 Sender of ours' => ["From: ceo\@legit.example\nSender: alice\@shop.example", 0],
    );
    for my $name (sort keys %from) {
        my ($header, $signatures) = @{ $from{$name} };
        my $c = Assay::SMTP->new($mta{postfix}->submission_port, auth => ['alice', 'secret']);
        like $c->deliver(from => 'alice@shop.example', to => 'x@far.example', data => crlf("$header\nTo: x\@far.example\n"
            . "Subject: $name\nDate: Fri, 20 Nov 2026 10:00:00 +0000\nMessage-ID: <1\@shop.example>\n\nHi\n")), qr/^250/, $name;
        $c->quit;
        my @all = $sink->wait_messages(++$n, 15);
        my $m = Assay::Message->new($all[-1]{data} // '');
        is $m->count('DKIM-Signature'), $signatures, "$name: signatures";
    }
};

ok $assayd->alive, 'assayd is alive';
is $assayd->stop_daemon, 0, 'and ends well' or diag $assayd->log;
done_testing;
