#!/usr/bin/perl
# What may happen to inbound mail, option by option, through a real Postfix and
# a real Sendmail: the reply, the field, the log line, the message delivered.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Dir qw(wait_for);
use Assay::Fetched qw(need);
use Assay::Message;
use Assay::Postfix;
use Assay::Sendmail;
use Assay::Signer;
use Assay::Sink;
use Assay::SMTP;
use Assay::World qw(authres results mail_text);

need(qw(postfix sendmail knotd));
my $spf_fails = 'v=spf1 -all';
my $world = Assay::World->new(
    zones => {
        'tilde.example' => "\@ TXT \"v=spf1 ip4:192.0.2.7 ~all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n",
        'test-mode.example' => "\@ TXT \"$spf_fails\"\n_dmarc TXT \"v=DMARC1; p=reject; t=y\"\n",
        'list.example' => "\@ TXT \"v=spf1 ip4:203.0.113.20 ip4:127.0.0.20 -all\"\nmail A 203.0.113.20\n",
        'why.example' => "\@ TXT \"v=spf1 -all exp=e.%{d}\"\ne TXT \"%{i} may not send for %{d}\"\n",
        'forge.example' => "\@ TXT \"v=spf1 -all exp=e.%{d}\"\ne TXT \"no\\013\\010250 ok\"\n",
        'helo.example' => "\@ TXT \"$spf_fails\"\n",
        'lame.example' => "\@ TXT \"v=spf1 include:nowhere.example -all\"\n",
        'lax.example' => "\@ TXT \"v=spf1 ptr +all\"\n",
        '113.0.203.in-addr.arpa' => "20 PTR mail.list.example.\n",
    },
    servfail => ['broken.example'], silent => ['slow.example']);
my $dir = $world->dir;
my $sink = Assay::Sink->new($dir);
my %signer = map { $_ => Assay::Signer->new($dir, domain => $_) } qw(list.example evil.com tilde.example);
$world->dns->set($_->domain, $_->owner, 'TXT', $_->record) for values %signer;

# One daemon for both, with new rules for each row.
my %common = (internal_networks => ['10.0.0.0/8'], enforce => 'reject', socket_mode => '0666');
my $assayd = $world->assayd(%common, SOCKET => 'unix');
my %base = %{ $assayd->{options} };
my $reloads = 0;

sub rules {
    my (%options) = @_;
    $assayd->configure(%base, %options);
    $assayd->reload;
    $reloads++;
    return wait_for(sub { $reloads == scalar(() = $assayd->log =~ / reloaded /g) }, 10)
        || BAIL_OUT('no reload: ' . $assayd->log);
}

my %mta = (
    Postfix => Assay::Postfix->new($dir, sink => $sink->port, milters => [$assayd->postfix_socket]),
    Sendmail => Assay::Sendmail->new($dir, sink => $sink->port, milters => [assay => $assayd->sendmail_socket],
        mc => "define(`confMUST_QUOTE_CHARS', `')dnl\n"),
);

# Clients: by XCLIENT in Postfix, addresses of loopback in Sendmail.
my %client = (
    shop => ['192.0.2.7', '127.0.0.7'], evil => ['198.51.100.66', '127.0.0.66'],
    list => ['203.0.113.20', '127.0.0.20'], nobody => ['203.0.113.9', '127.0.0.9'],
);
my $sent = 0;

# Sends it; returns the reply, the log line and the message delivered, if any.
sub receive {
    my ($name, $who, $from, $text, %o) = @_;
    my ($mta, $helo) = ($mta{$name}, $o{helo} // 'client.example');
    my ($xclient, $local) = @{ $client{$who} };
    my $c = $name eq 'Postfix'
        ? Assay::SMTP->new($mta->port, helo => $helo, xclient => { ADDR => $xclient, NAME => '[UNAVAILABLE]', HELO => $helo })
        : Assay::SMTP->new($mta->port, helo => $helo, local => $local);
    my $before = () = $assayd->log =~ /: verdict /g;
    my $mark = 'X-Test: ' . ++$sent;
    my $reply = $c->deliver(from => $from, to => 'bob@test.example', data => "$mark\r\n$text");
    $c->quit;
    my @lines = wait_for(sub { my @all = $assayd->log_lines(qr/: verdict /); @all > $before ? \@all : undef }, 10);
    my $m;
    $m = wait_for(sub { my ($one) = grep {/^\Q$mark\E\r?$/m} $mta->mail; $one }, 15) if $reply =~ /^250/ && !$o{held};
    return ($reply, $lines[0][-1], defined $m ? Assay::Message->new($m) : undef);
}

# --- refusals, by both MTAs ---------------------------------------------------

my $plain = mail_text(from => 'a@plain.example');
my @refusals = (
    { name => 'SPF fail and no signature', mail => ['evil', 'a@shop.example', mail_text(from => 'ceo@shop.example')],
      reply => '550 5.7.1 Email rejected per DMARC policy for shop.example (SPF fail, no valid DKIM signature)',
      rule => 'spf_fail_no_dkim' },
    { name => 'an author that does not exist', mail => ['evil', 'a@evil.com', mail_text(from => 'a@nx.tilde.example')],
      reply => '550 5.7.1 Email rejected per DMARC policy for nx.tilde.example (no such domain)', rule => 'no_such_author' },
    { name => 'always_reject', options => { always_reject => ['tilde.example'], reply_code_dmarc => '5.7.26' },
      mail => ['evil', 'a@evil.com', mail_text(from => 'a@tilde.example')],
      reply => '550 5.7.26 Email rejected per DMARC policy for tilde.example (always enforced here)', rule => 'always_reject' },
    { name => 'reject-always, with a page', options => { enforce => 'reject-always', reply_url => 'https://mx.test.example/why?%41=100%' },
      mail => ['evil', 'a@evil.com', mail_text(from => 'a@tilde.example')],
      reply => '550 5.7.1 Email rejected per DMARC policy for tilde.example (p=reject), see https://mx.test.example/why?%41=100%',
      rule => 'reject_always' },
    { name => 'our own domain', options => { protect_own_domains => 'yes' },
      mail => ['evil', 'a@evil.com', mail_text(from => 'a@shop.example', fields => ['List-Id: <l>'])],
      reply => '550 5.7.1 Unauthenticated email claims to be from shop.example, a domain of this site', rule => 'own_domain' },
    { name => 'several From fields', mail => ['evil', 'a@evil.com', "From: ceo\@shop.example\r\n" . mail_text(from => 'a@evil.com')],
      reply => '550 5.7.1 Message has several From fields', rule => 'several_from' },
    { name => 'several authors', options => { on_bad_from => 'reject' },
      mail => ['evil', 'a@evil.com', mail_text(from => 'ceo@shop.example, a@evil.com')],
      reply => '550 5.7.1 Message has no author\'s address: several domains in the From field', rule => 'bad_from' },
    { name => 'no signature where one is due', options => { require_dkim => ['shop.example'] },
      mail => ['shop', 'a@shop.example', mail_text(from => 'a@shop.example')],
      reply => '550 5.7.20 No passing DKIM signature found, required for shop.example', rule => 'dkim_missing' },
    { name => 'a signature set aside', options => { require_dkim => ['shop.example'] },
      mail => ['shop', 'a@shop.example', $signer{'evil.com'}->sign(mail_text(from => 'a@shop.example'), l => 3)],
      reply => '550 5.7.21 No acceptable DKIM signature found, required for shop.example', rule => 'dkim_unacceptable' },
    { name => 'a stranger\'s signature', options => { require_dkim => ['shop.example'] },
      mail => ['shop', 'a@shop.example', $signer{'evil.com'}->sign(mail_text(from => 'a@shop.example'))],
      reply => '550 5.7.22 No valid author-matched DKIM signature found, required for shop.example', rule => 'dkim_not_authors' },
    { name => 'SPF', options => { spf_reject => 'mailfrom-fail' }, mail => ['nobody', 'a@why.example', $plain],
      reply => '550 5.7.23 SPF validation failed for MAIL FROM domain why.example', rule => 'spf_fail' },
    { name => 'SPF, explained', options => { spf_reject => 'mailfrom-fail', spf_explanation => 'yes' },
      mail => ['nobody', 'a@why.example', $plain],
      reply => "550-5.7.23 SPF validation failed for MAIL FROM domain why.example\n"
          . '550 5.7.23 The domain why.example explains: CLIENT may not send for why.example', rule => 'spf_fail' },
    { name => 'SPF, explained by a forger', options => { spf_reject => 'mailfrom-fail', spf_explanation => 'yes' },
      mail => ['nobody', 'a@forge.example', $plain],
      reply => '550 5.7.23 SPF validation failed for MAIL FROM domain forge.example', rule => 'spf_fail' },
    { name => 'SPF of HELO', options => { spf_reject => 'helo-fail' }, mail => ['nobody', 'a@why.example', $plain, helo => 'helo.example'],
      reply => '550 5.7.23 SPF validation failed for HELO name helo.example', rule => 'spf_helo_fail' },
    { name => 'SPF permerror', options => { spf_reject => 'mailfrom-fail', spf_reject_permerror => 'yes' },
      mail => ['nobody', 'a@lame.example', $plain],
      reply => '550 5.7.24 SPF validation error in the record of lame.example', rule => 'spf_permerror' },
    { name => 'reverse DNS', options => { iprev_reject => 'fail' }, mail => ['nobody', 'a@plain.example', $plain],
      reply => '550 5.7.25 Reverse DNS validation failed for CLIENT', rule => 'iprev_fail' },
    { name => 'DMARC unknown for now', options => { on_temperror => 'tempfail' },
      mail => ['nobody', 'a@plain.example', mail_text(from => 'a@broken.example')],
      reply => '451 4.7.1 DMARC policy for broken.example cannot be checked now, please try again later', rule => 'dmarc_temperror' },
    { name => 'SPF unknown for now', options => { on_temperror => 'tempfail', spf_reject => 'mailfrom-fail' },
      mail => ['nobody', 'a@broken.example', $plain],
      reply => '451 4.7.24 SPF for broken.example cannot be checked now, please try again later', rule => 'spf_temperror' },
);

for my $row (@refusals) {
    rules(%{ $row->{options} // {} });
    my $action = $row->{reply} =~ /^5/ ? 'reject' : 'tempfail';
    for my $name (sort keys %mta) {
        my ($reply, $line) = receive($name, @{ $row->{mail} });
        my $client = $client{ $row->{mail}[0] }[$name eq 'Postfix' ? 0 : 1];
        is $reply, $row->{reply} =~ s/CLIENT/$client/r, "$name: $row->{name}";
        like $line, qr/ action=$action rule=$row->{rule} /, "$name: $row->{name}: in the log";
    }
}

# The same, where nothing may happen.
for my $row (@refusals) {
    rules(%{ $row->{options} // {} }, enforce => 'shadow');
    # reject-always is no shadow's business: there p=reject needs a ground.
    my ($rule, $would) = $row->{rule} eq 'reject_always' ? ('dmarc_fail', 'quarantine')
        : ($row->{rule}, $row->{reply} =~ /^5/ ? 'reject' : 'tempfail');
    my ($reply, $line, $m) = receive('Postfix', @{ $row->{mail} });
    like $reply, qr/^250/, "shadow: $row->{name}";
    like $line, qr/ action=accept rule=$rule would=$would /, "shadow: $row->{name}: in the log";
    is $m->count('X-Assay-Quarantine'), 0, "shadow: $row->{name}: not marked";
    ok authres($m), "shadow: $row->{name}: stamped";
}

# --- what is delivered ----------------------------------------------------------

sub delivered {
    my ($what, $options, $mail, $field, $log, $dmarc) = @_;
    rules(%$options);
    my ($reply, $line, $m) = receive('Postfix', @$mail);
    like $reply, qr/^250/, $what or return;
    is $m->value($options->{quarantine_header} // 'X-Assay-Quarantine'), $field, "$what: its mark";
    like $line, $log, "$what: the log";
    my %r = results($m);
    like $r{dmarc}[0], $dmarc, "$what: Authentication-Results" if $dmarc;
    return $m;
}

my $forged = mail_text(from => 'ceo@tilde.example');
my $to_list = mail_text(from => 'ceo@nx.tilde.example', fields => ['List-Id: L <l.list.example>']);
my $by_list = $signer{'list.example'}->sign($to_list);
delivered('no second ground', {}, ['evil', 'a@evil.com', $forged],
    'dmarc fail p=reject dom=tilde.example', qr/ action=quarantine rule=dmarc_fail /, qr/^fail \(p=reject dis=quarantine\)/);
delivered('a field of another name', { quarantine_header => 'X-Spam-Auth' }, ['evil', 'a@evil.com', $forged],
    'dmarc fail p=reject dom=tilde.example', qr/ action=quarantine /);
delivered('a sign of forwarding softens', {},
    ['evil', 'SRS0=x=y=z=a@shop.example', mail_text(from => 'ceo@shop.example')],
    'dmarc fail p=reject dom=shop.example', qr/ action=quarantine rule=dmarc_fail forward=srs /);
delivered('t=y', {}, ['evil', 'a@test-mode.example', mail_text(from => 'a@test-mode.example')],
    'dmarc fail p=quarantine dom=test-mode.example', qr/ policy=quarantine /, qr/^fail \(p=reject t=y dis=quarantine\)/);
delivered('enforce = quarantine', { enforce => 'quarantine' }, ['evil', 'a@shop.example', mail_text(from => 'ceo@shop.example')],
    'dmarc fail p=reject dom=shop.example', qr/ action=quarantine rule=spf_fail_no_dkim would=reject /);
delivered('enforce = quarantine, a rule of our own', { enforce => 'quarantine', spf_reject => 'mailfrom-fail' },
    ['nobody', 'a@why.example', $plain], 'spf fail mfrom=why.example', qr/ action=quarantine rule=spf_fail would=reject /);
delivered('enforce = none', { enforce => 'none', spf_reject => 'mailfrom-fail' }, ['nobody', 'a@why.example', $plain],
    undef, qr/ action=accept rule=spf_fail would=reject /);
delivered('enforce_percent = 0', { enforce_percent => 0 }, ['evil', 'a@shop.example', mail_text(from => 'ceo@shop.example')],
    'dmarc fail p=reject dom=shop.example', qr/ action=quarantine rule=spf_fail_no_dkim would=reject /);
subtest 'enforce_percent = 50' => sub {
    rules(enforce_percent => 50);
    my $c = Assay::SMTP->new($mta{Postfix}->port, xclient => { ADDR => '198.51.100.66', HELO => 'client.example' });
    my $rejected = grep { $c->deliver(from => 'a@shop.example', to => 'bob@test.example',
        data => mail_text(from => 'ceo@shop.example')) =~ /^550/ } 1 .. 60;
    # Off by chance once in some hundred million runs.
    ok 8 < $rejected && $rejected < 52, "of 60 about a half: $rejected";
    $c->quit;
};
delivered('DMARC passes, SPF does not', { spf_reject => 'mailfrom-fail' },
    ['nobody', 'a@why.example', $signer{'tilde.example'}->sign($forged)], undef,
    qr/ action=accept rule=dmarc_pass /, qr/^pass /);
delivered('a forwarder by address', { trusted_forwarders => ['203.0.113.20 dkim=list.example'] }, ['list', 'a@list.example', $by_list],
    undef, qr/ action=accept rule=trusted_forwarder override=trusted_forwarder exception="203\.0\.113\.20 dkim=list\.example" forward=list /,
    qr/^fail \(p=reject dis=none override=trusted_forwarder\)/);
delivered('a forwarder by the name of its address', { trusted_forwarders => ['mail.list.example spf=list.example'] },
    ['list', 'a@list.example', $to_list], undef, qr/ rule=trusted_forwarder /);
delivered('a mailing list', { mailing_lists => ['203.0.113.0/24 dkim=list.example list-id=l.list.example'] },
    ['list', 'a@list.example', $by_list], undef, qr/ rule=mailing_list override=mailing_list /,
    qr/^fail \(p=reject dis=none override=mailing_list\)/);
delivered('our own domain by way of a list', { protect_own_domains => 'yes', mailing_lists => ['203.0.113.20 dkim=list.example'] },
    ['list', 'a@list.example', $signer{'list.example'}->sign(mail_text(from => 'a@shop.example', fields => ['List-Id: <l>']))],
    undef, qr/ rule=mailing_list /);

# What somebody else can copy of a list is no exception.
for my $case (['its List-Id', $to_list], ['its signature, from elsewhere', $by_list]) {
    rules(mailing_lists => ['203.0.113.20 dkim=list.example list-id=l.list.example']);
    my ($reply, $line) = receive('Postfix', 'evil', 'a@evil.com', $case->[1]);
    like $reply, qr/^550 5\.7\.1 .*\(no such domain\)/, "$case->[0]: rejected";
    like $line, qr/ rule=no_such_author (?!override)/, "$case->[0]: no exception";
}

subtest 'Received-SPF' => sub {
    my $m = delivered('asked for', { received_spf => 'yes' }, ['shop', 'a+b@shop.example', $plain], undef, qr/ action=accept /);
    my @names = grep { !/^(?:Return-Path|X-Original-To|Delivered-To)$/ } $m->names;
    is_deeply [@names[0, 1]], ['Authentication-Results', 'Received-SPF'], 'below our results, above Received';
    like $m->value('Received-SPF'), qr/^pass\s+\(mx\.test\.example: [^()]*\)\s+receiver=mx\.test\.example;\s+client-ip=192\.0\.2\.7;.*mechanism="ip4:192\.0\.2\.0\/24"/s,
        'what it says';
    $m = delivered('not asked for', {}, ['shop', 'a@shop.example', $plain], undef, qr/ action=accept /);
    is $m->count('Received-SPF'), 0, 'none';
};

subtest 'observe' => sub {
    rules(observe => 'yes', received_spf => 'yes', quarantine_action => 'both', own_authserv_ids => ['old.example']);
    for my $name (sort keys %mta) {
        my @theirs = ('Authentication-Results: old.example; dmarc=pass header.from=shop.example',
            'X-Assay-Quarantine: no', 'Authentication-Results: mx.test.example; dkim=none; spf=fail smtp.mailfrom=shop.example');
        my ($reply, $line, $m) = receive($name, 'evil', 'a@shop.example', mail_text(from => 'ceo@shop.example', fields => \@theirs));
        like $reply, qr/^250/, "$name: accepted" or next;
        is $m->count('Authentication-Results'), 2, "$name: no field added, none removed";
        is $m->value('X-Assay-Quarantine'), 'no', "$name: nor this";
        is $m->count('Received-SPF'), 0, "$name: no Received-SPF";
        like $line, qr/ action=accept rule=spf_fail_no_dkim would=reject differs=dmarc:pass\/fail would_strip=3 /, "$name: the log tells";
    }
    my $c = Assay::SMTP->new($mta{Postfix}->port, xclient => { ADDR => '10.0.0.1', HELO => 'desk.example' });
    like $c->deliver(from => 'a@shop.example', to => 'bob@test.example', data => mail_text(from => 'a@shop.example', subject => 'ours')),
        qr/^250/, 'outbound';
    my $m = Assay::Message->new(wait_for(sub { my ($one) = grep {/^Subject: ours/m} $mta{Postfix}->mail; $one }, 15));
    is $m->count('DKIM-Signature'), 0, 'outbound: not signed';
    like $assayd->log, qr/direction=outbound .* would_sign=shop\.example:testr:rsa-sha256,/, 'outbound: the log tells by which keys it would be';
};

# --- SPF records that end a process that shows them to libspf2 -------------------

subtest 'records that crash libspf2' => sub {
    my %explanation = (
        shortest => 'A%{d}' x 41 . '%-%-%{d}B', dense => '%{d}' x 127 . 'AAAA',
        few => 'A' x 244 . '%{d}' . 'A' x 248 . '%{d}BBBB');
    my %record = (
        modifier => 'v=spf1 x=' . '%{d}' x 127 . 'A' x 3700 . ' -all', a => 'v=spf1 a:' . '%{d}' x 127 . 'A' x 5000 . ' -all',
        cidr => 'v=spf1 a://64 mx:/ ip4:/ -all', shift => 'v=spf1 a/4294967295 -all',
        nested => 'v=spf1 include:nested.%{d2} include:%{d2} -all');
    my %want = ((map { $_ => ['fail', '-all'] } keys %explanation), (map { $_ => ['permerror'] } keys %record));
    for my $where (sort keys %explanation) {
        $world->dns->set('why.example', $where, 'TXT', "\"v=spf1 -all exp=e.$where.why.example\"");
        $world->dns->set('why.example', "e.$where", 'TXT', Assay::Knot::txt($explanation{$where}));
    }
    $world->dns->set('why.example', $_, 'TXT', Assay::Knot::txt($record{$_})) for keys %record;
    for my $asked (qw(no yes)) {
        rules(spf_reject => 'mailfrom-fail', spf_explanation => $asked, enforce => 'shadow');
        $world->dns->forget;
        for my $where (sort keys %want) {
            my ($reply, $line, $m) = receive('Postfix', 'nobody', "a\@$where.why.example", $plain);
            like $reply, qr/^250/, "$where (spf_explanation = $asked): accepted" or next;
            my %r = results($m);
            like $r{spf}[0], qr/^$want{$where}[0] .*smtp\.mailfrom=$where\.why\.example/, "$where: the result, and nothing else";
            like $line, qr/ spf=$want{$where}[0] /, "$where: in the log";
        }
        is !!grep({/^e\./} $world->dns->asked), $asked eq 'yes', "spf_explanation = $asked: explanations are fetched only then";
    }
    rules(spf_reject => 'mailfrom-fail', spf_explanation => 'yes');
    for my $where (sort keys %explanation) {
        my ($reply) = receive('Postfix', 'nobody', "a\@$where.why.example", $plain);
        like $reply, qr/\A550-5\.7\.23 [ -~]+\n550 5\.7\.23 The domain $where\.why\.example explains: [ -~]+\z|\A550 5\.7\.23 [ -~]+\z/,
            "$where: refused, in lines that SMTP takes";
        ok !(grep { length > 510 } split /\n/, $reply), "$where: none too long";
    }
    ok $assayd->alive, 'assayd lives';
};

subtest 'what is told of a domain once an hour' => sub {
    rules();
    receive('Postfix', 'nobody', 'a@lax.example', $plain) for 1 .. 3;
    my @told = $assayd->log_lines(qr/ spf_weak d=lax\.example what=\+all,ptr record="v=spf1 ptr \+all"/);
    is scalar @told, 1, 'not once a message';
};

subtest 'more checks than there is room for' => sub {
    my $busy = $world->assayd(%common, NAME => 'busy', enforce => 'none', spf_workers => 1, spf_queue => 0, deadline => 4, wait => 0);
    $mta{Postfix}{milters} = [$busy->postfix_socket];
    $mta{Postfix}->reload;
    my @c = map { Assay::SMTP->new($mta{Postfix}->port, xclient => { ADDR => '192.0.2.7', HELO => 'client.example' }) } 0 .. 4;
    $c[0]->command('MAIL FROM:<a@slow.example>');
    for my $i (1 .. 4) {
        like $c[$i]->deliver(from => 'a@shop.example', to => 'bob@test.example', data => mail_text(from => 'a@shop.example')),
            qr/^250/, "message $i is accepted while the pool waits for DNS" or diag substr $mta{Postfix}->log, -2000;
    }
    like $busy->wait_log(qr/(?: spf=pass .*\n(?s:.*)){4}/, 5), qr/./, 'and checked all the same';
    my @told = $busy->log_lines(qr/ spf_pool_full refused=\d+ effect=/);
    is scalar @told, 1, 'the log tells, once a minute';
    $_->quit for @c;
    is $busy->stop_daemon, 0, 'it ends well';
    like $busy->log, qr/ stop .*spf_pool_refused=[1-9]/, 'and tells how many there were';
};

ok $assayd->alive, 'assayd is alive';
unlike $assayd->log, qr/ internal_error /, 'no failure of ours';
is $assayd->stop_daemon, 0, 'and ends well' or diag $assayd->log;
done_testing;
